"""A release after this one: it has one more migration, which alters the table of claims."""
