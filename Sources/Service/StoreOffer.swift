package import Offload

extension WorkerSettings {
    /// Takes over the stores that the environment names: `default_s3`, `default_directory`, `default_cloudinary`.
    package mutating func offerStores(_ configuration: Configuration) {
        if let s3 = configuration.s3 {
            stores.append(
                Queue.OfferedStore(
                    name: "default_s3", kind: "s3", endpoint: s3.endpoint, bucket: s3.bucket, region: s3.region,
                    addressing: s3.addressing.rawValue,
                    credentials: ["access_key": "S3_ACCESS_KEY_ID", "secret_key": "S3_SECRET_ACCESS_KEY"]))
        }
        if let path = configuration.directory, configuration.storeKind ?? .directory == .directory {
            stores.append(Queue.OfferedStore(name: "default_directory", kind: "directory", path: path))
        }
        if let cloudinary = configuration.cloudinary {
            stores.append(
                Queue.OfferedStore(
                    name: "default_cloudinary", kind: "cloudinary", bucket: cloudinary.cloudName,
                    credentials: ["api_key": "CLOUDINARY_API_KEY", "api_secret": "CLOUDINARY_API_SECRET"]))
            // The parts, where the whole was given: a store names them.
            environment["CLOUDINARY_API_KEY"] = cloudinary.apiKey.value
            environment["CLOUDINARY_API_SECRET"] = cloudinary.apiSecret.value
        }
        if configuration.storeKind == .directory { defaults["local_store"] = "default_directory" }
    }
}

extension Queue.OfferedStore {
    /// As its row would be read.
    var description: StoreRegistry.Description {
        StoreRegistry.Description(
            name: name, kind: kind, endpoint: endpoint, bucket: bucket, region: region, prefix: "",
            addressing: addressing, publicURL: nil, path: path, credentials: credentials, options: [:])
    }
}
