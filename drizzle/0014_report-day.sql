CREATE TABLE "report_day" (
	"project_id" bigint NOT NULL,
	"day" date NOT NULL,
	"platform_id" bigint NOT NULL,
	"release_id" bigint NOT NULL,
	"environment_id" bigint NOT NULL,
	"level" smallint NOT NULL,
	"event_count" bigint NOT NULL,
	CONSTRAINT "report_day_pk" PRIMARY KEY("project_id","day","platform_id","release_id","environment_id","level")
);
--> statement-breakpoint
CREATE TABLE "report_day_counted" (
	"day" date PRIMARY KEY NOT NULL,
	"changes" bigint NOT NULL,
	"counted_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE VIEW analytics.report_days AS
SELECT
  report_day.project_id,
  project.slug AS project,
  report_day.day,
  (ARRAY['debug', 'info', 'warning', 'error', 'fatal'])[report_day.level + 1] AS level,
  dim_platform.value AS platform,
  dim_release.value AS release,
  dim_environment.value AS environment,
  report_day.event_count AS events,
  counted.counted_at
FROM report_day
JOIN visible_project AS project
  ON project.id = report_day.project_id
    AND (project.retention_days IS NULL OR report_day.day > project.today - project.retention_days)
JOIN report_day_counted AS counted ON counted.day = report_day.day
LEFT JOIN dim_platform ON dim_platform.id = report_day.platform_id
LEFT JOIN dim_release ON dim_release.project_id = report_day.project_id AND dim_release.id = report_day.release_id
LEFT JOIN dim_environment
  ON dim_environment.project_id = report_day.project_id AND dim_environment.id = report_day.environment_id;
--> statement-breakpoint
COMMENT ON VIEW analytics.report_days IS 'Events by UTC day, level, platform, release and environment, counted every hour: what reports says, in a thousandth of the rows. For as long as reports are kept.';
--> statement-breakpoint
COMMENT ON COLUMN analytics.report_days.project_id IS 'number of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.report_days.project IS 'slug of the project';
--> statement-breakpoint
COMMENT ON COLUMN analytics.report_days.day IS 'UTC day of receipt';
--> statement-breakpoint
COMMENT ON COLUMN analytics.report_days.level IS 'debug, info, warning, error or fatal';
--> statement-breakpoint
COMMENT ON COLUMN analytics.report_days.platform IS 'language or runtime, as the SDK says';
--> statement-breakpoint
COMMENT ON COLUMN analytics.report_days.release IS 'version of the app; null: none was named';
--> statement-breakpoint
COMMENT ON COLUMN analytics.report_days.environment IS 'as the SDK was told: production, staging and so on; null: nothing';
--> statement-breakpoint
COMMENT ON COLUMN analytics.report_days.events IS 'how many there were when they were counted';
--> statement-breakpoint
COMMENT ON COLUMN analytics.report_days.counted_at IS 'when the day was counted; what came since is in reports alone';
--> statement-breakpoint
DO $$
BEGIN
  PERFORM follow_analytics();
END
$$;
