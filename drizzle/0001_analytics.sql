-- What analysts see. Column names are a promise: they change only with a line in the changelog.
CREATE SCHEMA analytics;
--> statement-breakpoint
CREATE VIEW analytics.reports AS
SELECT
  report.project_id,
  project.slug AS project,
  replace(report.event_id::text, '-', '') AS event_id,
  grouping.issue_id,
  project.slug || '-' || issue.number AS issue,
  encode(report.archive_hash, 'hex') AS archive_hash,
  report.occurred_at,
  report.received_at,
  report.digested_at,
  (ARRAY['debug', 'info', 'warning', 'error', 'fatal'])[report.level + 1] AS level,
  dim_platform.value AS platform,
  dim_environment.value AS environment,
  dim_release.value AS release,
  dim_dist.value AS dist,
  dim_server_name.value AS server_name,
  dim_transaction.value AS transaction,
  dim_logger.value AS logger,
  dim_sdk.name AS sdk_name,
  dim_sdk.version AS sdk_version,
  dim_os.name AS os_name,
  dim_os.version AS os_version,
  dim_device_manufacturer.value AS device_manufacturer,
  dim_device_brand.value AS device_brand,
  dim_device_model.value AS device_model,
  dim_device_family.value AS device_family,
  dim_device_arch.value AS device_arch,
  dim_chipset.value AS chipset,
  dim_device_specs.screen_width,
  dim_device_specs.screen_height,
  dim_device_specs.screen_density,
  dim_device_specs.screen_dpi,
  dim_device_specs.processor_count,
  dim_device_specs.memory_size,
  dim_runtime.name AS runtime_name,
  dim_runtime.version AS runtime_version,
  dim_browser.name AS browser_name,
  dim_browser.version AS browser_version,
  dim_locale.value AS locale,
  dim_timezone.value AS timezone,
  dim_connection_type.value AS connection_type,
  dim_orientation.value AS orientation,
  dim_app.name AS app_name,
  dim_app.version AS app_version,
  dim_app.build AS app_build,
  dim_user.identifier AS user_identifier,
  dim_user.user_id AS user_id,
  dim_user.email AS user_email,
  dim_user.username AS user_name,
  dim_user.ip AS user_ip,
  dim_exception_type.value AS exception_type,
  dim_exception_message.value AS exception_message,
  dim_exception_mechanism.value AS exception_mechanism,
  report.handled,
  issue.title,
  issue.culprit,
  dim_url.value AS url,
  dim_http_method.value AS http_method,
  coalesce(
    (
      SELECT jsonb_object_agg(tag.tag_key, tag.tag_value)
      FROM tag
      WHERE tag.project_id = report.project_id AND tag.id = ANY (report.tag_ids)
    ),
    '{}'::jsonb
  ) AS tags
FROM report
JOIN project ON project.id = report.project_id
JOIN grouping ON grouping.project_id = report.project_id AND grouping.id = report.grouping_id
JOIN issue
  ON issue.project_id = report.project_id AND issue.id = grouping.issue_id AND issue.status <> 'deleting'
LEFT JOIN dim_platform ON dim_platform.id = report.platform_id
LEFT JOIN dim_sdk ON dim_sdk.id = report.sdk_id
LEFT JOIN dim_os ON dim_os.id = report.os_id
LEFT JOIN dim_runtime ON dim_runtime.id = report.runtime_id
LEFT JOIN dim_browser ON dim_browser.id = report.browser_id
LEFT JOIN dim_device_manufacturer ON dim_device_manufacturer.id = report.device_manufacturer_id
LEFT JOIN dim_device_brand ON dim_device_brand.id = report.device_brand_id
LEFT JOIN dim_device_model ON dim_device_model.id = report.device_model_id
LEFT JOIN dim_device_family ON dim_device_family.id = report.device_family_id
LEFT JOIN dim_device_arch ON dim_device_arch.id = report.device_arch_id
LEFT JOIN dim_device_specs ON dim_device_specs.id = report.device_specs_id
LEFT JOIN dim_chipset ON dim_chipset.id = report.chipset_id
LEFT JOIN dim_locale ON dim_locale.id = report.locale_id
LEFT JOIN dim_timezone ON dim_timezone.id = report.timezone_id
LEFT JOIN dim_connection_type ON dim_connection_type.id = report.connection_type_id
LEFT JOIN dim_orientation ON dim_orientation.id = report.orientation_id
LEFT JOIN dim_exception_mechanism ON dim_exception_mechanism.id = report.exception_mechanism_id
LEFT JOIN dim_http_method ON dim_http_method.project_id = report.project_id AND dim_http_method.id = report.http_method_id
LEFT JOIN dim_environment ON dim_environment.project_id = report.project_id AND dim_environment.id = report.environment_id
LEFT JOIN dim_release ON dim_release.project_id = report.project_id AND dim_release.id = report.release_id
LEFT JOIN dim_dist ON dim_dist.project_id = report.project_id AND dim_dist.id = report.dist_id
LEFT JOIN dim_server_name ON dim_server_name.project_id = report.project_id AND dim_server_name.id = report.server_name_id
LEFT JOIN dim_transaction ON dim_transaction.project_id = report.project_id AND dim_transaction.id = report.transaction_id
LEFT JOIN dim_logger ON dim_logger.project_id = report.project_id AND dim_logger.id = report.logger_id
LEFT JOIN dim_app ON dim_app.project_id = report.project_id AND dim_app.id = report.app_id
LEFT JOIN dim_user ON dim_user.project_id = report.project_id AND dim_user.id = report.user_id
LEFT JOIN dim_exception_type
  ON dim_exception_type.project_id = report.project_id AND dim_exception_type.id = report.exception_type_id
LEFT JOIN dim_exception_message
  ON dim_exception_message.project_id = report.project_id AND dim_exception_message.id = report.exception_message_id
LEFT JOIN dim_url ON dim_url.project_id = report.project_id AND dim_url.id = report.url_id;
--> statement-breakpoint
COMMENT ON VIEW analytics.reports IS 'One row per event.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.issue IS 'project-number, as people speak of it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.event_id IS '32 hexadecimal characters, as the SDK shows it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.archive_hash IS 'SHA-256 of the stored bytes; with project and day of receipt the address of the raw event';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.occurred_at IS 'when it happened, by the SDK''s clock corrected by the server''s';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.handled IS 'false: nothing caught it';
--> statement-breakpoint
-- Roles belong to the whole server. Where this login may not make them, Rumen works all the same and says so.
-- It may log in because time-outs set for a role bind only those who log in as it; without a password nobody can.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'metabase_readonly') THEN
    CREATE ROLE metabase_readonly LOGIN;
  END IF;
EXCEPTION
  WHEN insufficient_privilege THEN
    RAISE WARNING 'role metabase_readonly was not created: this login may not create roles. Create it and run: GRANT USAGE ON SCHEMA analytics TO metabase_readonly; GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO metabase_readonly';
  WHEN duplicate_object OR unique_violation THEN
    RAISE NOTICE 'role metabase_readonly was created by another migration at the same moment';
END
$$;
--> statement-breakpoint
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'metabase_readonly') THEN
    -- One snapshot held open slows the queue: a forgotten one is ended.
    ALTER ROLE metabase_readonly SET statement_timeout = '30s';
    ALTER ROLE metabase_readonly SET idle_in_transaction_session_timeout = '10s';
  END IF;
EXCEPTION
  WHEN insufficient_privilege THEN
    RAISE WARNING 'role metabase_readonly got no time-outs: this login may not alter it. Run: ALTER ROLE metabase_readonly SET statement_timeout = ''30s''; ALTER ROLE metabase_readonly SET idle_in_transaction_session_timeout = ''10s''';
  WHEN internal_error THEN
    -- "tuple concurrently updated": another database's migration sets the same at the same moment.
    RAISE NOTICE 'role metabase_readonly is being set up by another migration';
END
$$;
--> statement-breakpoint
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'metabase_readonly') THEN
    GRANT USAGE ON SCHEMA analytics TO metabase_readonly;
    GRANT SELECT ON analytics.reports TO metabase_readonly;
  END IF;
END
$$;
