-- What analysts see, complete. Column names are a promise: of a view that is there already they stay, new ones follow at its end.
--
-- Hidden everywhere: Rumen's own project, projects and issues that are being deleted, issues without an event, and what is older
-- than its project keeps. The helpers are views of schema public, where no analyst gets in.
CREATE VIEW visible_project AS
SELECT
  id,
  slug,
  name,
  created_at,
  retention_days,
  -- Rows of days up to retention_days before it are hidden: they wait to be deleted, or for their whole day to go. Written as a
  -- query it is computed once, and not for each row it is compared with.
  (SELECT (now() AT TIME ZONE 'UTC')::date) AS today
FROM project
WHERE status = 'active' AND NOT is_hidden;
--> statement-breakpoint
CREATE VIEW visible_issue AS
SELECT issue.*, project.slug AS project, project.slug || '-' || issue.number AS name
FROM issue
JOIN visible_project AS project ON project.id = issue.project_id
WHERE issue.status <> 'deleting' AND issue.event_count > 0;
--> statement-breakpoint
-- Few, and mostly none: to leave out what is theirs costs less than to look up the issue of every row.
CREATE VIEW deleting_grouping AS
SELECT grouping.id
FROM issue
JOIN grouping ON grouping.project_id = issue.project_id AND grouping.issue_id = issue.id
WHERE issue.status = 'deleting';
--> statement-breakpoint
CREATE OR REPLACE VIEW analytics.reports AS
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
  ) AS tags,
  report.day,
  replace(report.trace_id::text, '-', '') AS trace_id
FROM report
JOIN visible_project AS project ON project.id = report.project_id AND (project.retention_days IS NULL OR report.day > project.today - project.retention_days)
LEFT JOIN grouping ON grouping.project_id = report.project_id AND grouping.id = report.grouping_id
LEFT JOIN issue ON issue.project_id = grouping.project_id AND issue.id = grouping.issue_id
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
LEFT JOIN dim_url ON dim_url.project_id = report.project_id AND dim_url.id = report.url_id
WHERE report.grouping_id <> ALL (ARRAY(SELECT id FROM deleting_grouping));
--> statement-breakpoint
COMMENT ON VIEW analytics.reports IS 'One row per event: what it was, where it happened, to whom, and the issue it belongs to. For as long as reports are kept.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.event_id IS '32 hexadecimal characters, as the SDK shows it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.issue_id IS 'number of the issue in the database; with project_id what other views are joined by';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.issue IS 'name of the issue, slug-number, as people speak of it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.archive_hash IS 'SHA-256 of the stored bytes, 64 hexadecimal characters; with project and day the address of what was received';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.occurred_at IS 'when it happened, by the SDK''s clock corrected by the server''s';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.received_at IS 'when it came in, by the gateway''s clock';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.digested_at IS 'when this row was written';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.level IS 'debug, info, warning, error or fatal';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.platform IS 'language of the SDK: javascript, python, java and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.environment IS 'as the SDK was told: production, staging and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.release IS 'version of the app, as the SDK was told';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.dist IS 'build of that release';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.server_name IS 'host it happened on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.transaction IS 'route, job or screen that was at work';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.logger IS 'logger that reported it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.sdk_name IS 'SDK that sent it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.sdk_version IS 'version of that SDK';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.os_name IS 'operating system';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.os_version IS 'version of the operating system';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.device_manufacturer IS 'maker of the device';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.device_brand IS 'brand of the device';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.device_model IS 'model of the device';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.device_family IS 'family of the device: iPhone, Pixel and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.device_arch IS 'architecture of the processor';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.chipset IS 'chip of the device';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.screen_width IS 'width of the screen, in pixels';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.screen_height IS 'height of the screen, in pixels';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.screen_density IS 'pixels of the screen per point';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.screen_dpi IS 'pixels of the screen per inch';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.processor_count IS 'processors of the device';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.memory_size IS 'memory of the device, in bytes';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.runtime_name IS 'what ran the code: node, CPython and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.runtime_version IS 'version of what ran the code';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.browser_name IS 'browser, also read from its user agent';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.browser_version IS 'version of the browser';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.locale IS 'language and region of the device';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.timezone IS 'time zone of the device';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.connection_type IS 'how the device was connected: wifi, 4g and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.orientation IS 'portrait or landscape';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.app_name IS 'name of the app, from its contexts or its release';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.app_version IS 'version of the app, without its build';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.app_build IS 'build of the app';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.user_identifier IS 'what the user is told apart by: the first that is there of id, email, name and address';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.user_id IS 'id of the user, as the app set it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.user_email IS 'email address of the user';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.user_name IS 'name of the user';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.user_ip IS 'address of the user';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.exception_type IS 'type of the newest exception';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.exception_message IS 'what the newest exception said, with secrets masked';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.exception_mechanism IS 'what caught it: onerror, middleware and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.handled IS 'false: nothing in the app caught it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.title IS 'title of the issue';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.culprit IS 'place in the code the issue is known by';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.url IS 'address of the request or page, with secrets masked';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.http_method IS 'GET, POST and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.tags IS 'tags of the event, key to value';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.day IS 'UTC day of receipt; a query that names its days reads only those';
--> statement-breakpoint
COMMENT ON COLUMN analytics.reports.trace_id IS '32 hexadecimal characters; the trace it happened in, where the SDK said';
--> statement-breakpoint
CREATE VIEW analytics.projects AS
SELECT id AS project_id, slug AS project, name, created_at, retention_days
FROM visible_project;
--> statement-breakpoint
COMMENT ON VIEW analytics.projects IS 'One row per project.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.projects.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.projects.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.projects.name IS 'name of the project, as people wrote it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.projects.created_at IS 'when it was created';
--> statement-breakpoint
COMMENT ON COLUMN analytics.projects.retention_days IS 'days its events are kept; null: as long as the installation keeps all others''';
--> statement-breakpoint
CREATE VIEW analytics.issues AS
SELECT
  issue.project_id,
  issue.project,
  issue.id AS issue_id,
  issue.name AS issue,
  issue.number,
  issue.title,
  issue.culprit,
  issue.type AS exception_type,
  issue.value AS exception_message,
  (ARRAY['debug', 'info', 'warning', 'error', 'fatal'])[issue.level + 1] AS level,
  issue.status,
  issue.first_seen,
  issue.last_seen,
  issue.event_count AS events,
  issue.user_count AS users,
  issue.first_release,
  issue.last_release,
  issue.resolved_at,
  issue.resolved_in_release,
  issue.muted_until,
  issue.muted_until_count AS muted_until_events,
  (
    SELECT string_agg(issue.project || '-' || merged.number, ', ' ORDER BY merged.number)
    FROM issue AS merged
    WHERE merged.project_id = issue.project_id AND merged.merged_into = issue.id AND merged.status <> 'deleting'
  ) AS merged_issues
FROM visible_issue AS issue;
--> statement-breakpoint
COMMENT ON VIEW analytics.issues IS 'One row per issue that has an event. Its counts and its history stay when its events have gone. What was merged into another is counted there.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.issue_id IS 'number of the issue in the database; with project_id what other views are joined by';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.issue IS 'name of the issue, slug-number, as people speak of it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.number IS 'its number within the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.title IS 'what it is called';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.culprit IS 'place in the code it is known by';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.exception_type IS 'type of the exception; null for messages';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.exception_message IS 'what the exception said, or the message, with secrets masked';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.level IS 'of its newest event: debug, info, warning, error or fatal';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.status IS 'unresolved, resolved or muted';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.first_seen IS 'when its first event happened';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.last_seen IS 'when its newest event happened';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.events IS 'events ever counted';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.users IS 'distinct users of the time for which reports are kept';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.first_release IS 'release of its earliest event that names one';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.last_release IS 'release of its newest event that names one';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.resolved_at IS 'when it was resolved; null while it is not';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.resolved_in_release IS 'release with the fix: older ones reopen nothing';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.muted_until IS 'when it comes back by itself';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.muted_until_events IS 'the count of events at which it comes back by itself';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issues.merged_issues IS 'names of the issues that were merged into it; null: none';
--> statement-breakpoint
CREATE VIEW analytics.issue_hours AS
SELECT
  issue_hour.project_id,
  project.slug AS project,
  grouping.issue_id,
  project.slug || '-' || issue.number AS issue,
  issue.title,
  issue_hour.hour,
  issue_hour.event_count AS events,
  issue_hour.grouping_id
FROM issue_hour
JOIN visible_project AS project ON project.id = issue_hour.project_id
LEFT JOIN grouping ON grouping.project_id = issue_hour.project_id AND grouping.id = issue_hour.grouping_id
LEFT JOIN issue ON issue.project_id = grouping.project_id AND issue.id = grouping.issue_id
WHERE issue_hour.grouping_id <> ALL (ARRAY(SELECT id FROM deleting_grouping));
--> statement-breakpoint
COMMENT ON VIEW analytics.issue_hours IS 'Events of each issue by hour of receipt. Never expires.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_hours.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_hours.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_hours.issue_id IS 'number of the issue in the database; with project_id what other views are joined by';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_hours.issue IS 'name of the issue, slug-number, as people speak of it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_hours.title IS 'title of the issue';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_hours.hour IS 'beginning of the hour';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_hours.events IS 'events received in that hour';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_hours.grouping_id IS 'number of the grouping key; an issue others were merged into has a row for each of its keys: sum them';
--> statement-breakpoint
CREATE VIEW analytics.issue_tags AS
SELECT
  issue_tag.project_id,
  project.slug AS project,
  grouping.issue_id,
  project.slug || '-' || issue.number AS issue,
  issue.title,
  issue_tag.tag_key,
  issue_tag.tag_value,
  issue_tag.event_count AS events,
  issue_tag.grouping_id
FROM issue_tag
JOIN visible_project AS project ON project.id = issue_tag.project_id
LEFT JOIN grouping ON grouping.project_id = issue_tag.project_id AND grouping.id = issue_tag.grouping_id
LEFT JOIN issue ON issue.project_id = grouping.project_id AND issue.id = grouping.issue_id
WHERE issue_tag.grouping_id <> ALL (ARRAY(SELECT id FROM deleting_grouping));
--> statement-breakpoint
COMMENT ON VIEW analytics.issue_tags IS 'Events of each issue by tag, ever counted: of each key at most a hundred values, all others are (other).';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_tags.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_tags.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_tags.issue_id IS 'number of the issue in the database; with project_id what other views are joined by';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_tags.issue IS 'name of the issue, slug-number, as people speak of it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_tags.title IS 'title of the issue';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_tags.tag_key IS 'name of the tag';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_tags.tag_value IS 'value of the tag, or (other)';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_tags.events IS 'events of the issue with that value';
--> statement-breakpoint
COMMENT ON COLUMN analytics.issue_tags.grouping_id IS 'number of the grouping key; an issue others were merged into has a row for each of its keys: sum them';
--> statement-breakpoint
CREATE VIEW analytics.activity AS
SELECT
  activity.project_id,
  project.slug AS project,
  activity.issue_id,
  project.slug || '-' || issue.number AS issue,
  activity.id AS activity_id,
  activity.kind,
  activity.at,
  CASE activity.kind
    WHEN 'resolved' THEN activity.data ->> 'in_release'
    WHEN 'regressed' THEN activity.data ->> 'release'
  END AS release,
  project.slug || '-' || coalesce(activity.data ->> 'into', activity.data ->> 'from') AS other_issue,
  activity.data AS details
FROM activity
JOIN visible_project AS project ON project.id = activity.project_id
JOIN issue
  ON issue.project_id = activity.project_id AND issue.id = activity.issue_id AND issue.status <> 'deleting'
    AND (issue.event_count > 0 OR issue.merged_into IS NOT NULL);
--> statement-breakpoint
COMMENT ON VIEW analytics.activity IS 'What happened to issues besides their events, a row each time. Issues that were merged keep their own rows.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.activity.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.activity.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.activity.issue_id IS 'number of the issue in the database; with project_id what other views are joined by';
--> statement-breakpoint
COMMENT ON COLUMN analytics.activity.issue IS 'name of the issue, slug-number, as people speak of it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.activity.activity_id IS 'number of the row; of two at the same moment the later one has the higher';
--> statement-breakpoint
COMMENT ON COLUMN analytics.activity.kind IS 'resolved, reopened (by hand), regressed (by an event), muted, unmuted, merged, unmerged or split';
--> statement-breakpoint
COMMENT ON COLUMN analytics.activity.at IS 'when it happened';
--> statement-breakpoint
COMMENT ON COLUMN analytics.activity.release IS 'resolved: the release with the fix; regressed: the release it came back in; null where none was named';
--> statement-breakpoint
COMMENT ON COLUMN analytics.activity.other_issue IS 'merged, unmerged, split: the issue on the other side';
--> statement-breakpoint
COMMENT ON COLUMN analytics.activity.details IS 'what else belongs to it, by kind';
--> statement-breakpoint
CREATE VIEW analytics.releases AS
SELECT
  dim_release.project_id,
  project.slug AS project,
  dim_release.value AS release,
  dim_release.last_day,
  coalesce(novel.issues, 0) AS new_issues
FROM dim_release
JOIN visible_project AS project ON project.id = dim_release.project_id AND (project.retention_days IS NULL OR dim_release.last_day > project.today - project.retention_days)
LEFT JOIN (
  SELECT project_id, first_release, count(*) AS issues
  FROM issue
  WHERE status <> 'deleting' AND event_count > 0
  GROUP BY project_id, first_release
) AS novel ON novel.project_id = dim_release.project_id AND novel.first_release = dim_release.value;
--> statement-breakpoint
COMMENT ON VIEW analytics.releases IS 'One row per release that kept events or sessions name.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.releases.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.releases.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.releases.release IS 'version of the app, as the SDK was told';
--> statement-breakpoint
COMMENT ON COLUMN analytics.releases.last_day IS 'UTC day something last named it, give or take one';
--> statement-breakpoint
COMMENT ON COLUMN analytics.releases.new_issues IS 'issues whose first event with a release named this one';
--> statement-breakpoint
CREATE OR REPLACE VIEW analytics.sessions AS
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
  dim_environment.value AS environment,
  session.day
FROM session
JOIN visible_project AS project ON project.id = session.project_id AND (project.retention_days IS NULL OR session.day > project.today - project.retention_days)
LEFT JOIN dim_release ON dim_release.project_id = session.project_id AND dim_release.id = session.release_id
LEFT JOIN dim_environment
  ON dim_environment.project_id = session.project_id AND dim_environment.id = session.environment_id;
--> statement-breakpoint
COMMENT ON VIEW analytics.sessions IS 'One row per session an SDK reported by itself. Those it sent as sums are in release_health only.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.session_id IS 'number of the session, as the SDK gave it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.started_at IS 'when it began, by the SDK''s clock corrected by the server''s';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.status IS 'ok: running, or never heard of again; exited, errored, unhandled, abnormal, crashed: how it ended';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.errors IS 'how many the session had, at least 1 when it ended with one';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.duration IS 'seconds, where the SDK said';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.abnormal_mechanism IS 'anr_foreground or anr_background';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.release IS 'version of the app';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.environment IS 'as the SDK was told: production, staging and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.sessions.day IS 'UTC day it began; a query that names its days reads only those';
--> statement-breakpoint
CREATE OR REPLACE VIEW analytics.release_health AS
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
JOIN visible_project AS project ON project.id = session_hour.project_id
LEFT JOIN dim_release ON dim_release.project_id = session_hour.project_id AND dim_release.id = session_hour.release_id
LEFT JOIN dim_environment
  ON dim_environment.project_id = session_hour.project_id AND dim_environment.id = session_hour.environment_id
-- LEFT, so that nobody is counted where no query asks for users.
LEFT JOIN LATERAL (
  SELECT count(*) AS users, count(*) FILTER (WHERE session_user_hour.crashed > 0) AS crashed_users
  FROM session_user_hour
  WHERE session_user_hour.project_id = session_hour.project_id
    AND session_user_hour.hour = session_hour.hour
    AND session_user_hour.release_id = session_hour.release_id
    AND session_user_hour.environment_id = session_hour.environment_id
) AS users ON true;
--> statement-breakpoint
COMMENT ON VIEW analytics.release_health IS 'Sessions by the hour they started in, for each release and environment, single ones and sums. Never expires.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.release IS 'version of the app; null once nothing kept names it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.environment IS 'as the SDK was told; null: none was';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.hour IS 'beginning of the hour';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.sessions IS 'sessions that started in that hour';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.errored IS 'with an error: unhandled, abnormal and crashed ones included';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.unhandled IS 'with an error nothing caught in a runtime that goes on: not a crash';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.abnormal IS 'that hung or were killed';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.crashed IS 'that crashed';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.crash_free_sessions IS '1 is all; null without sessions. For several hours: 1 - sum(crashed) / sum(sessions)';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.users IS 'users, or devices, in this hour; those of several hours do not add up: who was there in two is counted in both';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.crashed_users IS 'of them, those with a crash';
--> statement-breakpoint
COMMENT ON COLUMN analytics.release_health.crash_free_users IS '1 is all; null when no session named its user';
--> statement-breakpoint
CREATE OR REPLACE VIEW analytics.outcomes AS
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
LEFT JOIN visible_project AS project ON project.id = ledger.project_id
WHERE ledger.project_id = 0 OR project.id IS NOT NULL
GROUP BY ledger.project_id, project.slug, ledger.hour, ledger.item_type, ledger.outcome, ledger.reason;
--> statement-breakpoint
COMMENT ON VIEW analytics.outcomes IS 'What became of everything that came in, by hour: requests at the door (item_type request), and each item in the digest. Never expires.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.outcomes.project_id IS 'number of the project; 0 where the sender showed no key that opens one';
--> statement-breakpoint
COMMENT ON COLUMN analytics.outcomes.project IS 'slug of the project; null where project_id is 0';
--> statement-breakpoint
COMMENT ON COLUMN analytics.outcomes.hour IS 'beginning of the hour in which it was decided, not in which it happened';
--> statement-breakpoint
COMMENT ON COLUMN analytics.outcomes.item_type IS 'request: at the door; event, transaction, session, attachment and so on: in the digest';
--> statement-breakpoint
COMMENT ON COLUMN analytics.outcomes.outcome IS 'of a request archived, seen_again, spooled, rate_limited and so on; of an item stored, duplicate, filtered, unsupported or rejected';
--> statement-breakpoint
COMMENT ON COLUMN analytics.outcomes.reason IS 'a code, for what was not stored';
--> statement-breakpoint
COMMENT ON COLUMN analytics.outcomes.quantity IS 'how many';
--> statement-breakpoint
CREATE VIEW analytics.digest_errors AS
SELECT
  digest_error.project_id,
  project.slug AS project,
  digest_error.id AS error_id,
  digest_error.failed_at,
  digest_error.code,
  digest_error.message,
  digest_error.item_type,
  digest_error.item_index,
  replace(digest_error.event_id::text, '-', '') AS event_id,
  digest_error.retry_count,
  encode(digest_error.archive_hash, 'hex') AS archive_hash,
  digest_error.day
FROM digest_error
JOIN visible_project AS project ON project.id = digest_error.project_id AND (project.retention_days IS NULL OR digest_error.day > project.today - project.retention_days);
--> statement-breakpoint
COMMENT ON VIEW analytics.digest_errors IS 'Each item that was rejected, with its cause.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.error_id IS 'number of the row';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.failed_at IS 'when it was given up';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.code IS 'what was wrong, as in outcomes.reason';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.message IS 'what was wrong, in words';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.item_type IS 'event, transaction, session and so on; null when the archive as a whole could not be read';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.item_index IS 'place of the item in its envelope, from 0; null when the archive as a whole could not be read';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.event_id IS '32 hexadecimal characters, where it was known';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.retry_count IS 'how often it had been tried before';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.archive_hash IS 'SHA-256 of the stored bytes, 64 hexadecimal characters; with project and day the address of what was received';
--> statement-breakpoint
COMMENT ON COLUMN analytics.digest_errors.day IS 'UTC day of receipt; a query that names its days reads only those';
--> statement-breakpoint
CREATE VIEW analytics.archives AS
SELECT
  archive.project_id,
  project.slug AS project,
  encode(archive.hash, 'hex') AS archive_hash,
  archive.day,
  archive.received_at,
  replace(archive.event_id::text, '-', '') AS event_id,
  archive.endpoint,
  archive.content_type,
  archive.encoding,
  archive.sentry_client,
  archive.query_release AS release,
  archive.query_environment AS environment,
  archive.wire_bytes,
  coalesce(octet_length(archive.body), 0) AS stored_bytes,
  archive.erased_at
FROM archive
JOIN visible_project AS project ON project.id = archive.project_id AND (project.retention_days IS NULL OR archive.day > project.today - project.retention_days);
--> statement-breakpoint
COMMENT ON VIEW analytics.archives IS 'What was received, one row per request that was kept, without what it said and without who sent it.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.archive_hash IS 'SHA-256 of the stored bytes, 64 hexadecimal characters; with project and day the address of what was received';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.day IS 'UTC day of receipt; a query that names its days reads only those';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.received_at IS 'when it came in, by the gateway''s clock';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.event_id IS '32 hexadecimal characters, where the envelope named one at its beginning';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.endpoint IS 'where it was sent to: envelope, store, minidump and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.content_type IS 'as the SDK said';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.encoding IS 'how the stored bytes are compressed';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.sentry_client IS 'SDK that sent it, name and version';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.release IS 'as the request named it, outside the event';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.environment IS 'as the request named it, outside the event';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.wire_bytes IS 'bytes as they came';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.stored_bytes IS 'bytes as they are stored; 0 once erased';
--> statement-breakpoint
COMMENT ON COLUMN analytics.archives.erased_at IS 'when what it said was erased; null: it is there';
--> statement-breakpoint
CREATE VIEW analytics.transactions AS
SELECT
  transaction_event.project_id,
  project.slug AS project,
  replace(transaction_event.event_id::text, '-', '') AS event_id,
  dim_transaction.value AS transaction,
  transaction_event.op,
  transaction_event.status,
  transaction_event.duration_ms,
  transaction_event.started_at,
  dim_release.value AS release,
  dim_environment.value AS environment,
  replace(transaction_event.trace_id::text, '-', '') AS trace_id,
  transaction_event.received_at,
  transaction_event.day,
  encode(transaction_event.archive_hash, 'hex') AS archive_hash
FROM transaction_event
JOIN visible_project AS project ON project.id = transaction_event.project_id AND (project.retention_days IS NULL OR transaction_event.day > project.today - project.retention_days)
LEFT JOIN dim_transaction
  ON dim_transaction.project_id = transaction_event.project_id AND dim_transaction.id = transaction_event.transaction_id
LEFT JOIN dim_release
  ON dim_release.project_id = transaction_event.project_id AND dim_release.id = transaction_event.release_id
LEFT JOIN dim_environment
  ON dim_environment.project_id = transaction_event.project_id AND dim_environment.id = transaction_event.environment_id;
--> statement-breakpoint
COMMENT ON VIEW analytics.transactions IS 'One row per transaction an SDK sent, without its spans.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.event_id IS '32 hexadecimal characters, as the SDK shows it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.transaction IS 'route, job or screen';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.op IS 'kind of work: http.server, db and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.status IS 'how it ended: ok, internal_error and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.duration_ms IS 'milliseconds';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.started_at IS 'when it began, by the SDK''s clock corrected by the server''s';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.release IS 'version of the app';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.environment IS 'as the SDK was told: production, staging and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.trace_id IS '32 hexadecimal characters; reports of the same trace have it, too';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.received_at IS 'when it came in, by the gateway''s clock';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.day IS 'UTC day of receipt; a query that names its days reads only those';
--> statement-breakpoint
COMMENT ON COLUMN analytics.transactions.archive_hash IS 'SHA-256 of the stored bytes, 64 hexadecimal characters; with project and day the address of what was received';
--> statement-breakpoint
CREATE VIEW analytics.feedback AS
SELECT
  feedback.project_id,
  project.slug AS project,
  replace(feedback.event_id::text, '-', '') AS event_id,
  issue.id AS issue_id,
  issue.name AS issue,
  issue.title,
  feedback.name,
  feedback.email,
  feedback.message,
  feedback.url,
  feedback.source,
  feedback.received_at,
  feedback.day,
  encode(feedback.archive_hash, 'hex') AS archive_hash
FROM feedback
JOIN visible_project AS project ON project.id = feedback.project_id AND (project.retention_days IS NULL OR feedback.day > project.today - project.retention_days)
-- The event may be of another day, and after DEDUPE_DAYS there may be two.
LEFT JOIN LATERAL (
  SELECT max(grouping.issue_id) AS issue_id
  FROM report
  JOIN grouping ON grouping.project_id = report.project_id AND grouping.id = report.grouping_id
  WHERE report.project_id = feedback.project_id AND report.event_id = feedback.event_id AND (project.retention_days IS NULL OR report.day > project.today - project.retention_days)
) AS about ON true
LEFT JOIN visible_issue AS issue ON issue.project_id = feedback.project_id AND issue.id = about.issue_id;
--> statement-breakpoint
COMMENT ON VIEW analytics.feedback IS 'What users wrote, with the issue it is about.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.event_id IS 'the event it is about, 32 hexadecimal characters; null: none was named';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.issue_id IS 'number of the issue of that event; null while no such event is kept';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.issue IS 'name of that issue, slug-number';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.title IS 'title of that issue';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.name IS 'name of who wrote it, as they gave it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.email IS 'email address, as they gave it';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.message IS 'what they wrote';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.url IS 'page they wrote it on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.source IS 'what asked them: widget, crash report form and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.received_at IS 'when it came in, by the gateway''s clock';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.day IS 'UTC day of receipt; a query that names its days reads only those';
--> statement-breakpoint
COMMENT ON COLUMN analytics.feedback.archive_hash IS 'SHA-256 of the stored bytes, 64 hexadecimal characters; with project and day the address of what was received';
--> statement-breakpoint
CREATE VIEW analytics.check_ins AS
SELECT
  check_in.project_id,
  project.slug AS project,
  check_in.check_in_id,
  check_in.monitor_slug AS monitor,
  check_in.status,
  check_in.duration,
  dim_release.value AS release,
  dim_environment.value AS environment,
  check_in.received_at,
  check_in.day,
  encode(check_in.archive_hash, 'hex') AS archive_hash
FROM check_in
JOIN visible_project AS project ON project.id = check_in.project_id AND (project.retention_days IS NULL OR check_in.day > project.today - project.retention_days)
LEFT JOIN dim_release ON dim_release.project_id = check_in.project_id AND dim_release.id = check_in.release_id
LEFT JOIN dim_environment
  ON dim_environment.project_id = check_in.project_id AND dim_environment.id = check_in.environment_id;
--> statement-breakpoint
COMMENT ON VIEW analytics.check_ins IS 'One row per ping of a scheduled job.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.check_ins.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.check_ins.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.check_ins.check_in_id IS 'number of the run, as the SDK gave it; null: of the newest run in progress';
--> statement-breakpoint
COMMENT ON COLUMN analytics.check_ins.monitor IS 'slug of the job';
--> statement-breakpoint
COMMENT ON COLUMN analytics.check_ins.status IS 'in_progress, ok or error';
--> statement-breakpoint
COMMENT ON COLUMN analytics.check_ins.duration IS 'seconds, where the SDK said';
--> statement-breakpoint
COMMENT ON COLUMN analytics.check_ins.release IS 'version of the app';
--> statement-breakpoint
COMMENT ON COLUMN analytics.check_ins.environment IS 'as the SDK was told: production, staging and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.check_ins.received_at IS 'when it came in, by the gateway''s clock';
--> statement-breakpoint
COMMENT ON COLUMN analytics.check_ins.day IS 'UTC day of receipt; a query that names its days reads only those';
--> statement-breakpoint
COMMENT ON COLUMN analytics.check_ins.archive_hash IS 'SHA-256 of the stored bytes, 64 hexadecimal characters; with project and day the address of what was received';
--> statement-breakpoint
CREATE VIEW analytics.attachments AS
SELECT
  attachment.project_id,
  project.slug AS project,
  replace(attachment.event_id::text, '-', '') AS event_id,
  attachment.name,
  attachment.attachment_type AS type,
  attachment.content_type,
  attachment.size,
  attachment.received_at,
  attachment.day,
  encode(attachment.archive_hash, 'hex') AS archive_hash
FROM attachment
JOIN visible_project AS project ON project.id = attachment.project_id AND (project.retention_days IS NULL OR attachment.day > project.today - project.retention_days);
--> statement-breakpoint
COMMENT ON VIEW analytics.attachments IS 'One row per file that came along, without the file.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.attachments.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.attachments.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.attachments.event_id IS 'the event it belongs to, 32 hexadecimal characters';
--> statement-breakpoint
COMMENT ON COLUMN analytics.attachments.name IS 'name of the file';
--> statement-breakpoint
COMMENT ON COLUMN analytics.attachments.type IS 'event.attachment, event.minidump and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.attachments.content_type IS 'as the SDK said';
--> statement-breakpoint
COMMENT ON COLUMN analytics.attachments.size IS 'bytes';
--> statement-breakpoint
COMMENT ON COLUMN analytics.attachments.received_at IS 'when it came in, by the gateway''s clock';
--> statement-breakpoint
COMMENT ON COLUMN analytics.attachments.day IS 'UTC day of receipt; a query that names its days reads only those';
--> statement-breakpoint
COMMENT ON COLUMN analytics.attachments.archive_hash IS 'SHA-256 of the stored bytes, 64 hexadecimal characters; with project and day the address of what was received';
--> statement-breakpoint
CREATE VIEW analytics.client_discards AS
SELECT discarded.project_id, project.slug AS project, discarded.hour, discarded.category, discarded.reason, discarded.quantity
FROM client_discard_hour AS discarded
JOIN visible_project AS project ON project.id = discarded.project_id;
--> statement-breakpoint
COMMENT ON VIEW analytics.client_discards IS 'What SDKs say they dropped before sending, by hour of receipt. Never expires.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.client_discards.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.client_discards.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.client_discards.hour IS 'beginning of the hour in which they said so';
--> statement-breakpoint
COMMENT ON COLUMN analytics.client_discards.category IS 'what was dropped: error, transaction, session and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.client_discards.reason IS 'why: sample_rate, network_error, ratelimit_backoff and so on';
--> statement-breakpoint
COMMENT ON COLUMN analytics.client_discards.quantity IS 'how many';
--> statement-breakpoint
-- The same views for a login that is shown some projects only, see analyst_project. They are barriers: a condition that fails on a
-- value, such as a cast, is not tried on rows of other projects, whose values its error would tell. Barriers keep the planner
-- from much, so those who see everything have views of their own.
CREATE SCHEMA project_analytics;
--> statement-breakpoint
-- Every migration that makes or changes a view of analytics ends with this: the views of project_analytics follow, and who may use a
-- schema may read all that is in it. A view that is to lose a column is dropped before, CASCADE.
CREATE FUNCTION follow_analytics() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  shown record;
  described record;
  reader record;
BEGIN
  FOR shown IN
    SELECT oid, relname AS name FROM pg_class WHERE relnamespace = 'analytics'::regnamespace AND relkind = 'v'
  LOOP
    EXECUTE format(
      'CREATE OR REPLACE VIEW project_analytics.%1$I WITH (security_barrier) AS
      SELECT shown.* FROM analytics.%1$I AS shown
      WHERE shown.project_id IN (SELECT project_id FROM public.analyst_project WHERE role_name = current_user)',
      shown.name
    );
    EXECUTE format(
      'COMMENT ON VIEW project_analytics.%I IS %L', shown.name, obj_description(shown.oid, 'pg_class')
    );
    FOR described IN
      SELECT attname AS name, col_description(attrelid, attnum) AS text FROM pg_attribute
      WHERE attrelid = shown.oid AND attnum > 0 AND NOT attisdropped
    LOOP
      EXECUTE format('COMMENT ON COLUMN project_analytics.%I.%I IS %L', shown.name, described.name, described.text);
    END LOOP;
  END LOOP;
  FOR reader IN
    SELECT nspname AS schema, rolname AS name
    FROM pg_namespace
    CROSS JOIN aclexplode(nspacl) AS granted
    JOIN pg_roles ON pg_roles.oid = granted.grantee AND pg_roles.oid <> nspowner
    WHERE nspname IN ('analytics', 'project_analytics') AND granted.privilege_type = 'USAGE'
  LOOP
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', reader.schema, reader.name);
  END LOOP;
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION follow_analytics() FROM PUBLIC;
--> statement-breakpoint
DO $$
BEGIN
  PERFORM follow_analytics();
END
$$;
--> statement-breakpoint
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'metabase_readonly') THEN
    ALTER ROLE metabase_readonly SET default_transaction_read_only = on;
    ALTER ROLE metabase_readonly SET search_path = analytics;
  END IF;
EXCEPTION
  WHEN insufficient_privilege THEN
    RAISE WARNING 'role metabase_readonly was not made read-only by default: this login may not alter it. Run: ALTER ROLE metabase_readonly SET default_transaction_read_only = on; ALTER ROLE metabase_readonly SET search_path = analytics';
  WHEN internal_error THEN
    -- "tuple concurrently updated": another database's migration sets the same at the same moment.
    RAISE NOTICE 'role metabase_readonly is being set up by another migration';
END
$$;
--> statement-breakpoint
-- PostgreSQL lets every login make temporary tables, and before version 15 also tables in public, which is on the search path of
-- Rumen's own login. Analysts need neither.
DO $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS acl
    WHERE datname = current_database() AND acl.grantee = 0 AND acl.privilege_type = 'TEMPORARY'
  ) THEN
    IF pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE') THEN
      EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    ELSE
      RAISE WARNING 'every login of this database, analysts too, may make temporary tables: it is not this login''s. Run as its owner: REVOKE TEMPORARY ON DATABASE "%" FROM PUBLIC', current_database();
    END IF;
  END IF;
  IF EXISTS (
    SELECT FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) AS acl
    WHERE nspname = 'public' AND acl.grantee = 0 AND acl.privilege_type = 'CREATE'
  ) THEN
    IF pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = 'public'), 'USAGE') THEN
      EXECUTE format('GRANT CREATE ON SCHEMA public TO %I', current_user);
      REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    ELSE
      RAISE WARNING 'every login of this database, analysts too, may make tables in schema public: it is not this login''s. Run as its owner: GRANT CREATE ON SCHEMA public TO "%"; REVOKE CREATE ON SCHEMA public FROM PUBLIC', current_user;
    END IF;
  END IF;
END
$$;
