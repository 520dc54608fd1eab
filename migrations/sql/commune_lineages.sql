-- Where a commune came from is written by its own officers: who wrote what stands in the log.
CREATE TRIGGER commune_lineages_audit_insert AFTER INSERT ON commune_lineages
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();
CREATE TRIGGER commune_lineages_audit_update AFTER UPDATE ON commune_lineages
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();
CREATE TRIGGER commune_lineages_audit_delete AFTER DELETE ON commune_lineages
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_shapeless_rows();
