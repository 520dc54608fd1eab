"""HTTP: one file per resource, each exports `blueprint`."""
