-- Generated from packages/db/src/tables, then edited by hand: session and the items beside events are partitioned by day.
CREATE TABLE "activity" (
	"project_id" bigint NOT NULL,
	"issue_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "activity_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"data" jsonb NOT NULL,
	CONSTRAINT "activity_project_id_issue_id_id_pk" PRIMARY KEY("project_id","issue_id","id"),
	CONSTRAINT "activity_kind" CHECK ("activity"."kind" IN ('resolved', 'reopened', 'regressed', 'muted', 'unmuted'))
);
--> statement-breakpoint
CREATE TABLE "issue_tag" (
	"project_id" bigint NOT NULL,
	"issue_id" bigint NOT NULL,
	"tag_key" text NOT NULL,
	"tag_value" text NOT NULL,
	"event_count" bigint NOT NULL,
	CONSTRAINT "issue_tag_project_id_issue_id_tag_key_tag_value_pk" PRIMARY KEY("project_id","issue_id","tag_key","tag_value")
);
--> statement-breakpoint
CREATE TABLE "issue_user" (
	"project_id" bigint NOT NULL,
	"issue_id" bigint NOT NULL,
	"user_key" bigint NOT NULL,
	"last_day" date NOT NULL,
	CONSTRAINT "issue_user_project_id_issue_id_user_key_pk" PRIMARY KEY("project_id","issue_id","user_key")
);
--> statement-breakpoint
CREATE TABLE "attachment" (
	"project_id" bigint NOT NULL,
	"day" date NOT NULL,
	"archive_hash" "bytea" NOT NULL,
	"item_index" smallint NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"event_id" uuid,
	"name" text NOT NULL,
	"attachment_type" text NOT NULL,
	"content_type" text NOT NULL,
	"size" bigint NOT NULL,
	"byte_offset" bigint NOT NULL,
	CONSTRAINT "attachment_project_id_day_archive_hash_item_index_pk" PRIMARY KEY("project_id","day","archive_hash","item_index")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
CREATE TABLE "check_in" (
	"project_id" bigint NOT NULL,
	"day" date NOT NULL,
	"archive_hash" "bytea" NOT NULL,
	"item_index" smallint NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"check_in_id" uuid,
	"monitor_slug" text NOT NULL,
	"status" text NOT NULL,
	"duration" double precision,
	"release_id" bigint,
	"environment_id" bigint,
	CONSTRAINT "check_in_project_id_day_archive_hash_item_index_pk" PRIMARY KEY("project_id","day","archive_hash","item_index")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
CREATE TABLE "client_discard_hour" (
	"project_id" bigint NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"category" text NOT NULL,
	"reason" text NOT NULL,
	"quantity" bigint NOT NULL,
	CONSTRAINT "client_discard_hour_project_id_hour_category_reason_pk" PRIMARY KEY("project_id","hour","category","reason")
);
--> statement-breakpoint
CREATE TABLE "feedback" (
	"project_id" bigint NOT NULL,
	"day" date NOT NULL,
	"archive_hash" "bytea" NOT NULL,
	"item_index" smallint NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"event_id" uuid,
	"name" text,
	"email" text,
	"message" text NOT NULL,
	"url" text,
	"source" text,
	CONSTRAINT "feedback_project_id_day_archive_hash_item_index_pk" PRIMARY KEY("project_id","day","archive_hash","item_index")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
CREATE TABLE "transaction_event" (
	"project_id" bigint NOT NULL,
	"day" date NOT NULL,
	"archive_hash" "bytea" NOT NULL,
	"item_index" smallint NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"event_id" uuid NOT NULL,
	"transaction_id" bigint,
	"release_id" bigint,
	"environment_id" bigint,
	"op" text,
	"status" text,
	"trace_id" uuid,
	"started_at" timestamp with time zone NOT NULL,
	"duration_ms" double precision NOT NULL,
	CONSTRAINT "transaction_event_project_id_event_id_day_pk" PRIMARY KEY("project_id","event_id","day")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
CREATE TABLE "digest_attempt" (
	"project_id" bigint NOT NULL,
	"day" date NOT NULL,
	"archive_hash" "bytea" NOT NULL,
	"attempts" smallint NOT NULL,
	"attempted_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "digest_attempt_project_id_day_archive_hash_pk" PRIMARY KEY("project_id","day","archive_hash")
);
--> statement-breakpoint
CREATE TABLE "session" (
	"project_id" bigint NOT NULL,
	"sid" uuid NOT NULL,
	"day" date NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"status" text NOT NULL,
	"status_seq" bigint NOT NULL,
	"duration" double precision,
	"abnormal_mechanism" text,
	"errors" integer NOT NULL,
	"release_id" bigint NOT NULL,
	"release_seq" bigint NOT NULL,
	"environment_id" bigint NOT NULL,
	"environment_seq" bigint,
	"did" uuid,
	"did_seq" bigint,
	CONSTRAINT "session_project_id_sid_day_pk" PRIMARY KEY("project_id","sid","day")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
CREATE TABLE "session_hour" (
	"project_id" bigint NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"release_id" bigint NOT NULL,
	"environment_id" bigint NOT NULL,
	"sessions" bigint NOT NULL,
	"errored" bigint NOT NULL,
	"unhandled" bigint NOT NULL,
	"abnormal" bigint NOT NULL,
	"crashed" bigint NOT NULL,
	CONSTRAINT "session_hour_project_id_hour_release_id_environment_id_pk" PRIMARY KEY("project_id","hour","release_id","environment_id")
);
--> statement-breakpoint
CREATE TABLE "session_user_hour" (
	"project_id" bigint NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"release_id" bigint NOT NULL,
	"environment_id" bigint NOT NULL,
	"did" uuid NOT NULL,
	"sessions" bigint NOT NULL,
	"errored" bigint NOT NULL,
	"unhandled" bigint NOT NULL,
	"abnormal" bigint NOT NULL,
	"crashed" bigint NOT NULL,
	CONSTRAINT "session_user_hour_project_id_hour_release_id_environment_id_did_pk" PRIMARY KEY("project_id","hour","release_id","environment_id","did")
);
--> statement-breakpoint
ALTER TABLE "dim_app" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_dist" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_environment" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_exception_message" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_exception_type" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_http_method" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_logger" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_release" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_server_name" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_top_frame" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_transaction" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_url" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "dim_user" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "tag" ADD COLUMN "last_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "tag" ADD COLUMN "first_day" date DEFAULT CURRENT_DATE NOT NULL;--> statement-breakpoint
ALTER TABLE "issue" ADD COLUMN "user_count" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "issue" ADD COLUMN "first_release" text;--> statement-breakpoint
ALTER TABLE "issue" ADD COLUMN "first_release_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "issue" ADD COLUMN "last_release" text;--> statement-breakpoint
ALTER TABLE "issue" ADD COLUMN "last_release_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "issue" ADD COLUMN "resolved_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "issue" ADD COLUMN "resolved_in_release" text;--> statement-breakpoint
ALTER TABLE "issue" ADD COLUMN "muted_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "issue" ADD COLUMN "muted_until_count" bigint;--> statement-breakpoint
ALTER TABLE "report" ADD COLUMN "trace_id" uuid;--> statement-breakpoint
CREATE INDEX "issue_user_last_day" ON "issue_user" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "attachment_event" ON "attachment" USING btree ("project_id","event_id");--> statement-breakpoint
CREATE INDEX "check_in_monitor" ON "check_in" USING btree ("project_id","monitor_slug","received_at");--> statement-breakpoint
CREATE INDEX "feedback_event" ON "feedback" USING btree ("project_id","event_id");--> statement-breakpoint
CREATE INDEX "dim_app_last_day" ON "dim_app" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_dist_last_day" ON "dim_dist" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_environment_last_day" ON "dim_environment" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_exception_message_last_day" ON "dim_exception_message" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_exception_type_last_day" ON "dim_exception_type" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_http_method_last_day" ON "dim_http_method" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_logger_last_day" ON "dim_logger" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_release_last_day" ON "dim_release" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_server_name_last_day" ON "dim_server_name" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_top_frame_last_day" ON "dim_top_frame" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_transaction_last_day" ON "dim_transaction" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_url_last_day" ON "dim_url" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "dim_user_last_day" ON "dim_user" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "tag_last_day" ON "tag" USING btree ("last_day");--> statement-breakpoint
CREATE INDEX "tag_first_day" ON "tag" USING btree ("project_id","tag_key","first_day");--> statement-breakpoint
CREATE INDEX "grouping_issue" ON "grouping" USING btree ("project_id","issue_id");--> statement-breakpoint
CREATE INDEX "digest_error_event" ON "digest_error" USING btree ("project_id","event_id");--> statement-breakpoint
CREATE INDEX "digest_error_archive" ON "digest_error" USING btree ("project_id","archive_hash");--> statement-breakpoint
CREATE INDEX "issue_muted_until" ON "issue" USING btree ("muted_until") WHERE "issue"."muted_until" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "issue" DROP CONSTRAINT "issue_status";--> statement-breakpoint
ALTER TABLE "issue" ADD CONSTRAINT "issue_status" CHECK ("issue"."status" IN ('unresolved', 'resolved', 'muted', 'deleting'));