CREATE TABLE "erasure" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "erasure_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"subject_hash" "bytea" NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"erased" jsonb NOT NULL,
	CONSTRAINT "erasure_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "suppressed" (
	"project_id" bigint NOT NULL,
	"day" date NOT NULL,
	"archive_hash" "bytea" NOT NULL,
	"item_index" smallint NOT NULL,
	"reason" text NOT NULL,
	"suppressed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "suppressed_project_id_day_archive_hash_item_index_pk" PRIMARY KEY("project_id","day","archive_hash","item_index"),
	CONSTRAINT "suppressed_reason" CHECK ("suppressed"."reason" IN ('issue_deleted', 'person_erased'))
);
--> statement-breakpoint
CREATE TABLE "keeper" (
	"project_id" bigint NOT NULL,
	"grouping_id" bigint NOT NULL,
	"event_id" uuid NOT NULL,
	"day" date NOT NULL,
	"archive_hash" "bytea" NOT NULL,
	"item_index" smallint NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"endpoint" text NOT NULL,
	"content_type" text,
	"encoding" text NOT NULL,
	"client_ip" "inet",
	"user_agent" text,
	"sentry_client" text,
	"query_release" text,
	"query_environment" text,
	"wire_bytes" integer NOT NULL,
	"body" "bytea" NOT NULL,
	CONSTRAINT "keeper_project_id_grouping_id_event_id_pk" PRIMARY KEY("project_id","grouping_id","event_id")
);
--> statement-breakpoint
CREATE TABLE "disk_day" (
	"day" date PRIMARY KEY NOT NULL,
	"database_bytes" bigint NOT NULL,
	"partition_bytes" bigint NOT NULL,
	"free_bytes" bigint,
	"measured_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "process" (
	"id" uuid PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"version" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"beat_at" timestamp with time zone NOT NULL,
	"busy_since" timestamp with time zone,
	"digested" bigint DEFAULT 0 NOT NULL,
	"visible_median_ms" integer,
	"visible_slow_ms" integer
);
--> statement-breakpoint
CREATE TABLE "rumination" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "rumination_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"scope" jsonb NOT NULL,
	"progress" jsonb NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"beat_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "schema_floor" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"migration" integer NOT NULL,
	CONSTRAINT "schema_floor_only" CHECK ("schema_floor"."is_only")
);
--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "retention_days" integer;--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "is_hidden" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "project" ADD COLUMN "deleting_since" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "erasure_subject" ON "erasure" USING btree ("project_id","subject_hash");--> statement-breakpoint
CREATE INDEX "suppressed_day" ON "suppressed" USING btree ("day");--> statement-breakpoint
CREATE INDEX "rumination_unfinished" ON "rumination" USING btree ("started_at") WHERE "rumination"."finished_at" IS NULL;
--> statement-breakpoint
-- Bodies come compressed: another attempt at it only costs time.
ALTER TABLE "keeper" ALTER COLUMN "body" SET STORAGE EXTERNAL;--> statement-breakpoint
-- Everything so far only adds to 0006, whose code goes on running.
INSERT INTO "schema_floor" ("migration") VALUES (6);
