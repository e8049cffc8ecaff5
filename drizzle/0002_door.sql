CREATE TABLE "gauge" (
	"name" text PRIMARY KEY NOT NULL,
	"value" bigint NOT NULL,
	"measured_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quota_usage" (
	"project_id" bigint NOT NULL,
	"period" text NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"used" bigint NOT NULL,
	CONSTRAINT "quota_usage_project_id_period_starts_at_pk" PRIMARY KEY("project_id","period","starts_at")
);
--> statement-breakpoint
CREATE TABLE "outcome_hour" (
	"project_id" bigint NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"item_type" text NOT NULL,
	"outcome" text NOT NULL,
	"reason" text DEFAULT '' NOT NULL,
	"quantity" bigint NOT NULL,
	CONSTRAINT "outcome_hour_project_id_hour_item_type_outcome_reason_pk" PRIMARY KEY("project_id","hour","item_type","outcome","reason")
);
--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "rate_limit_per_sec" integer;--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "quota_per_minute" bigint;--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "quota_per_hour" bigint;--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "quota_per_month" bigint;--> statement-breakpoint
ALTER TABLE "project_key" ADD COLUMN "rate_limit_per_sec" integer;