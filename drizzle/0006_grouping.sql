-- Written by hand: what was counted by issue is counted by grouping from here on. Up to here every issue has exactly one.
CREATE TABLE "grouping_config" (
	"project_id" bigint NOT NULL,
	"version" integer NOT NULL,
	"mechanism" text DEFAULT 'v1' NOT NULL,
	"strategy" text DEFAULT 'stack' NOT NULL,
	"rules" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "grouping_config_project_id_version_pk" PRIMARY KEY("project_id","version")
);
--> statement-breakpoint
ALTER TABLE "grouping_config" ADD CONSTRAINT "grouping_config_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
INSERT INTO "grouping_config" ("project_id", "version", "mechanism", "strategy", "created_at")
SELECT "id", 1, "grouping_mechanism", "grouping_strategy", "created_at" FROM "project";--> statement-breakpoint
ALTER TABLE "project" DROP COLUMN "grouping_mechanism";--> statement-breakpoint
ALTER TABLE "project" DROP COLUMN "grouping_strategy";--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "grouping_version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "former_grouping_version" integer;--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "adopts_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "issue" ADD COLUMN "merged_into" bigint;--> statement-breakpoint
CREATE INDEX "issue_merged_into" ON "issue" USING btree ("project_id","merged_into") WHERE "issue"."merged_into" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "activity" DROP CONSTRAINT "activity_kind";--> statement-breakpoint
ALTER TABLE "activity" ADD CONSTRAINT "activity_kind" CHECK ("activity"."kind" IN ('resolved', 'reopened', 'regressed', 'muted', 'unmuted', 'merged', 'unmerged', 'split'));--> statement-breakpoint
ALTER TABLE "grouping" ADD COLUMN "adopted_from" bigint;--> statement-breakpoint
ALTER TABLE "grouping" ADD COLUMN "event_count" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "grouping" ADD COLUMN "level" smallint;--> statement-breakpoint
ALTER TABLE "grouping" ADD COLUMN "first_seen" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "grouping" ADD COLUMN "last_seen" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "grouping" ADD COLUMN "first_release" text;--> statement-breakpoint
ALTER TABLE "grouping" ADD COLUMN "first_release_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "grouping" ADD COLUMN "last_release" text;--> statement-breakpoint
ALTER TABLE "grouping" ADD COLUMN "last_release_at" timestamp with time zone;--> statement-breakpoint
UPDATE "grouping"
SET
	"event_count" = "issue"."event_count",
	"level" = "issue"."level",
	"first_seen" = "issue"."first_seen",
	"last_seen" = "issue"."last_seen",
	"first_release" = "issue"."first_release",
	"first_release_at" = "issue"."first_release_at",
	"last_release" = "issue"."last_release",
	"last_release_at" = "issue"."last_release_at"
FROM "issue"
WHERE "issue"."project_id" = "grouping"."project_id" AND "issue"."id" = "grouping"."issue_id" AND "issue"."event_count" > 0;--> statement-breakpoint
-- The keys go first: on the way a row may have the number of another's issue. Most issues have the number of their
-- grouping, as both were counted up together, and their rows stay where they are.
ALTER TABLE "issue_hour" DROP CONSTRAINT "issue_hour_project_id_issue_id_hour_pk";--> statement-breakpoint
ALTER TABLE "issue_hour" RENAME COLUMN "issue_id" TO "grouping_id";--> statement-breakpoint
UPDATE "issue_hour" SET "grouping_id" = "grouping"."id"
FROM "grouping"
WHERE "grouping"."project_id" = "issue_hour"."project_id" AND "grouping"."issue_id" = "issue_hour"."grouping_id" AND "grouping"."id" <> "grouping"."issue_id";--> statement-breakpoint
ALTER TABLE "issue_hour" ADD CONSTRAINT "issue_hour_project_id_grouping_id_hour_pk" PRIMARY KEY("project_id","grouping_id","hour");--> statement-breakpoint
ALTER TABLE "issue_tag" DROP CONSTRAINT "issue_tag_project_id_issue_id_tag_key_tag_value_pk";--> statement-breakpoint
ALTER TABLE "issue_tag" RENAME COLUMN "issue_id" TO "grouping_id";--> statement-breakpoint
UPDATE "issue_tag" SET "grouping_id" = "grouping"."id"
FROM "grouping"
WHERE "grouping"."project_id" = "issue_tag"."project_id" AND "grouping"."issue_id" = "issue_tag"."grouping_id" AND "grouping"."id" <> "grouping"."issue_id";--> statement-breakpoint
ALTER TABLE "issue_tag" ADD CONSTRAINT "issue_tag_project_id_grouping_id_tag_key_tag_value_pk" PRIMARY KEY("project_id","grouping_id","tag_key","tag_value");--> statement-breakpoint
ALTER TABLE "issue_user" DROP CONSTRAINT "issue_user_project_id_issue_id_user_key_pk";--> statement-breakpoint
ALTER TABLE "issue_user" RENAME COLUMN "issue_id" TO "grouping_id";--> statement-breakpoint
UPDATE "issue_user" SET "grouping_id" = "grouping"."id"
FROM "grouping"
WHERE "grouping"."project_id" = "issue_user"."project_id" AND "grouping"."issue_id" = "issue_user"."grouping_id" AND "grouping"."id" <> "grouping"."issue_id";--> statement-breakpoint
ALTER TABLE "issue_user" ADD CONSTRAINT "issue_user_project_id_grouping_id_user_key_pk" PRIMARY KEY("project_id","grouping_id","user_key");
