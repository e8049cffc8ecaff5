-- Gateways remember keys. Whoever changes one, a command, the console or a person at a prompt, they hear of it at COMMIT.
CREATE FUNCTION notify_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('rumen_key', '');
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER project_key_changed
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON project_key
FOR EACH STATEMENT EXECUTE FUNCTION notify_key_change();
--> statement-breakpoint
CREATE TRIGGER project_changed
AFTER UPDATE OR DELETE OR TRUNCATE ON project
FOR EACH STATEMENT EXECUTE FUNCTION notify_key_change();
