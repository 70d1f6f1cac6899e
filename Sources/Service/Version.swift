package let productVersion = EmbeddedSQL.release
