CREATE INDEX "keeper_event" ON "keeper" USING btree ("project_id","event_id");--> statement-breakpoint
CREATE INDEX "session_hour_release" ON "session_hour" USING btree ("project_id","release_id");--> statement-breakpoint
CREATE INDEX "session_hour_environment" ON "session_hour" USING btree ("project_id","environment_id");--> statement-breakpoint
-- A day's share of these rows goes at once, a thirtieth or less of the table. Left to the defaults vacuum comes when a fifth
-- has died: a week's rows, whose place nobody takes meanwhile.
ALTER TABLE "seen" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000);--> statement-breakpoint
ALTER TABLE "issue_user" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);--> statement-breakpoint
ALTER TABLE "session_user_hour" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);--> statement-breakpoint
ALTER TABLE "keeper" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
