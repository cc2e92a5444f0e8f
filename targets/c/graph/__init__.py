"""Programs for graphs that are no chains of layers: any network of version 2 of the contract."""
