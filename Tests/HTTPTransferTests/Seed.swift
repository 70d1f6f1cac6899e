import Testing

@testable import HTTPTransfer
