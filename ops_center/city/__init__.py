"""The city as data: packs (schema, reading, writing, checking), the synthetic city, imports, the road graph."""
