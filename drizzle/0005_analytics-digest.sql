CREATE VIEW analytics.outcomes AS
WITH ledger AS (
  SELECT project_id, hour, item_type, outcome, nullif(reason, '') AS reason, quantity FROM outcome_hour
  UNION ALL
  SELECT project_id, date_trunc('hour', recorded_at, 'UTC'), item_type, outcome, reason, quantity FROM outcome
)
SELECT
  ledger.project_id,
  project.slug AS project,
  ledger.hour,
  ledger.item_type,
  ledger.outcome,
  ledger.reason,
  sum(ledger.quantity)::bigint AS quantity
FROM ledger
LEFT JOIN project ON project.id = ledger.project_id
GROUP BY ledger.project_id, project.slug, ledger.hour, ledger.item_type, ledger.outcome, ledger.reason;
--> statement-breakpoint
COMMENT ON VIEW analytics.outcomes IS 'What became of everything that came in, by hour: requests at the door (item_type request), and each item in the digest.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.outcomes.project_id IS '0 where the sender showed no key that opens a project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.outcomes.hour IS 'when it was decided, not when it happened';
--> statement-breakpoint
COMMENT ON COLUMN analytics.outcomes.reason IS 'a code, for what was not stored';
--> statement-breakpoint
CREATE VIEW analytics.sessions AS
SELECT
  session.project_id,
  project.slug AS project,
  session.sid AS session_id,
  session.started_at,
  session.status,
  session.errors,
  session.duration,
  session.abnormal_mechanism,
  dim_release.value AS release,
  dim_environment.value AS environment
FROM session
JOIN project ON project.id = session.project_id
LEFT JOIN dim_release ON dim_release.project_id = session.project_id AND dim_release.id = session.release_id
LEFT JOIN dim_environment
  ON dim_environment.project_id = session.project_id AND dim_environment.id = session.environment_id;
--> statement-breakpoint
COMMENT ON VIEW analytics.sessions IS 'One row per session an SDK reported by itself. Those it sent as sums are in release_health only.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.started_at IS 'by the SDK''s clock corrected by the server''s';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.status IS 'ok: running, or never heard of again; exited, errored, unhandled, abnormal, crashed: how it ended';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.errors IS 'how many the session had, at least 1 when it ended with one';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.duration IS 'seconds, where the SDK said';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.abnormal_mechanism IS 'anr_foreground or anr_background';
--> statement-breakpoint
CREATE VIEW analytics.release_health AS
SELECT
  session_hour.project_id,
  project.slug AS project,
  dim_release.value AS release,
  dim_environment.value AS environment,
  session_hour.hour,
  session_hour.sessions,
  session_hour.errored,
  session_hour.unhandled,
  session_hour.abnormal,
  session_hour.crashed,
  1 - session_hour.crashed::double precision / nullif(session_hour.sessions, 0) AS crash_free_sessions,
  users.users,
  users.crashed_users,
  1 - users.crashed_users::double precision / nullif(users.users, 0) AS crash_free_users
FROM session_hour
JOIN project ON project.id = session_hour.project_id
LEFT JOIN dim_release ON dim_release.project_id = session_hour.project_id AND dim_release.id = session_hour.release_id
LEFT JOIN dim_environment
  ON dim_environment.project_id = session_hour.project_id AND dim_environment.id = session_hour.environment_id
CROSS JOIN LATERAL (
  SELECT count(*) AS users, count(*) FILTER (WHERE session_user_hour.crashed > 0) AS crashed_users
  FROM session_user_hour
  WHERE session_user_hour.project_id = session_hour.project_id
    AND session_user_hour.hour = session_hour.hour
    AND session_user_hour.release_id = session_hour.release_id
    AND session_user_hour.environment_id = session_hour.environment_id
) AS users;
--> statement-breakpoint
COMMENT ON VIEW analytics.release_health IS 'Sessions by the hour they started in, for each release and environment, single ones and sums.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.hour IS 'its beginning';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.errored IS 'with an error: unhandled, abnormal and crashed ones included';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.unhandled IS 'with an error nothing caught in a runtime that goes on: not a crash';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.crash_free_sessions IS '1 is all; null without sessions. For several hours: 1 - sum(crashed) / sum(sessions)';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.users IS 'users, or devices, in this hour; those of several hours do not add up: who was there in two is counted in both';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.crash_free_users IS '1 is all; null when no session named its user';
--> statement-breakpoint
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'metabase_readonly') THEN
    GRANT SELECT ON analytics.outcomes, analytics.sessions, analytics.release_health TO metabase_readonly;
  END IF;
END
$$;
