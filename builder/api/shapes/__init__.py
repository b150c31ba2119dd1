"""The shapes of what the API takes and gives: what the schema, and so the browser's types, are made from."""
