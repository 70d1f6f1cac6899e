package import ObjectStore
package import Postgres

/// Deletes objects from a store, each with what was recorded when it was stored; gives those that are left, and why.
///
/// It deletes bytes and changes no row: whoever calls it has made sure that nothing refers to them.
package func deleteStoredObjects(
    _ keys: [String], from store: String, on connection: Connection, environment: [String: String]
) async throws -> [ObjectKey: StoreError] {
    let row = try await connection.query(
        "select \(StoreRegistry.Description.columns) from offload.store where name = $1", [store]
    ).first
    guard let row else {
        throw Problem("store \"\(store)\" does not exist", hint: "List the stores: offload store list")
    }
    let description = try StoreRegistry.Description(row)
    let recorded = try await connection.query(
        """
        select k.key, array(select e.k from pg_catalog.jsonb_each_text(o.provider) e (k, v) order by e.k),
          array(select e.v from pg_catalog.jsonb_each_text(o.provider) e (k, v) order by e.k)
        from unnest($2::text[]) k (key)
        left join offload.stored_object($1, $2) o on o.key = k.key
        """, [store, keys]
    ).map { row in
        let facts = zip(try row.value(1, as: [String].self), try row.value(2, as: [String].self))
        return RecordedObject(
            ObjectKey(try row.value(0)), provider: Dictionary(facts, uniquingKeysWith: { first, _ in first }))
    }
    return try await openStore(description, environment: environment).delete(recorded: recorded)
}
