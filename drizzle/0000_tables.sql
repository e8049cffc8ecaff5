-- Generated from packages/db/src/tables, then edited by hand: archive, report and outcome are partitioned by day,
-- which the generator cannot say, and storage is set where it matters.
CREATE TABLE "archive" (
	"project_id" bigint NOT NULL,
	"day" date NOT NULL,
	"hash" "bytea" NOT NULL,
	"event_id" uuid,
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
	"body" "bytea",
	"erased_at" timestamp with time zone,
	CONSTRAINT "archive_project_id_day_hash_pk" PRIMARY KEY("project_id","day","hash")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
CREATE TABLE "seen" (
	"project_id" bigint NOT NULL,
	"key" uuid NOT NULL,
	"day" date NOT NULL,
	CONSTRAINT "seen_project_id_key_pk" PRIMARY KEY("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_app" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_app_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"name" text,
	"version" text,
	"build" text,
	CONSTRAINT "dim_app_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_app_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_browser" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_browser_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"name" text,
	"version" text,
	CONSTRAINT "dim_browser_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_chipset" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_chipset_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_chipset_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_connection_type" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_connection_type_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_connection_type_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_device_arch" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_device_arch_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_device_arch_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_device_brand" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_device_brand_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_device_brand_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_device_family" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_device_family_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_device_family_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_device_manufacturer" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_device_manufacturer_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_device_manufacturer_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_device_model" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_device_model_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_device_model_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_device_specs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_device_specs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"screen_width" integer,
	"screen_height" integer,
	"screen_density" double precision,
	"screen_dpi" integer,
	"processor_count" integer,
	"memory_size" bigint,
	CONSTRAINT "dim_device_specs_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_dist" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_dist_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_dist_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_dist_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_environment" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_environment_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_environment_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_environment_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_exception_mechanism" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_exception_mechanism_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_exception_mechanism_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_exception_message" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_exception_message_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_exception_message_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_exception_message_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_exception_type" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_exception_type_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_exception_type_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_exception_type_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_http_method" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_http_method_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_http_method_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_http_method_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_locale" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_locale_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_locale_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_logger" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_logger_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_logger_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_logger_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_orientation" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_orientation_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_orientation_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_os" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_os_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"name" text,
	"version" text,
	CONSTRAINT "dim_os_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_platform" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_platform_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_platform_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_release" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_release_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_release_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_release_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_runtime" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_runtime_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"name" text,
	"version" text,
	CONSTRAINT "dim_runtime_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_sdk" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_sdk_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"name" text,
	"version" text,
	CONSTRAINT "dim_sdk_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_server_name" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_server_name_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_server_name_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_server_name_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_timezone" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dim_timezone_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_timezone_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "dim_top_frame" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_top_frame_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"module" text,
	"function" text,
	CONSTRAINT "dim_top_frame_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_top_frame_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_transaction" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_transaction_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_transaction_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_transaction_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_url" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_url_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "dim_url_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_url_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "dim_user" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "dim_user_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"identifier" text NOT NULL,
	"user_id" text,
	"email" text,
	"username" text,
	"ip" text,
	CONSTRAINT "dim_user_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "dim_user_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "tag" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "tag_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" uuid NOT NULL,
	"tag_key" text NOT NULL,
	"tag_value" text NOT NULL,
	CONSTRAINT "tag_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "tag_project_id_key_unique" UNIQUE("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "grouping" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "grouping_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key_hash" "bytea" NOT NULL,
	"issue_id" bigint NOT NULL,
	"mechanism" text NOT NULL,
	"key" text NOT NULL,
	"parts" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "grouping_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "issue" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "issue_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"number" bigint NOT NULL,
	"title" text NOT NULL,
	"culprit" text NOT NULL,
	"type" text,
	"value" text,
	"level" smallint NOT NULL,
	"status" text DEFAULT 'unresolved' NOT NULL,
	"first_seen" timestamp with time zone NOT NULL,
	"last_seen" timestamp with time zone NOT NULL,
	"event_count" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "issue_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "issue_project_id_number_unique" UNIQUE("project_id","number"),
	CONSTRAINT "issue_status" CHECK ("issue"."status" IN ('unresolved', 'resolved', 'muted'))
);
--> statement-breakpoint
CREATE TABLE "issue_hour" (
	"project_id" bigint NOT NULL,
	"issue_id" bigint NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"event_count" bigint NOT NULL,
	CONSTRAINT "issue_hour_project_id_issue_id_hour_pk" PRIMARY KEY("project_id","issue_id","hour")
);
--> statement-breakpoint
CREATE TABLE "digest_error" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "digest_error_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"day" date NOT NULL,
	"archive_hash" "bytea" NOT NULL,
	"item_index" integer,
	"item_type" text,
	"event_id" uuid,
	"code" text NOT NULL,
	"message" text NOT NULL,
	"retry_count" smallint DEFAULT 0 NOT NULL,
	"failed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "digest_error_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "outcome" (
	"project_id" bigint NOT NULL,
	"day" date NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	"item_type" text NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	"quantity" bigint NOT NULL
) PARTITION BY RANGE ("day");
--> statement-breakpoint
CREATE TABLE "project" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "project_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"grouping_mechanism" text DEFAULT 'v1' NOT NULL,
	"grouping_strategy" text DEFAULT 'stack' NOT NULL,
	"priority" smallint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "project_slug_unique" UNIQUE("slug"),
	CONSTRAINT "project_status" CHECK ("project"."status" IN ('active', 'deleting'))
);
--> statement-breakpoint
CREATE TABLE "project_counter" (
	"project_id" bigint PRIMARY KEY NOT NULL,
	"issue_number" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "project_key" (
	"project_id" bigint NOT NULL,
	"public_key" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "project_key_project_id_public_key_pk" PRIMARY KEY("project_id","public_key")
);
--> statement-breakpoint
CREATE TABLE "report" (
	"project_id" bigint NOT NULL,
	"event_id" uuid NOT NULL,
	"day" date NOT NULL,
	"archive_hash" "bytea" NOT NULL,
	"item_index" smallint NOT NULL,
	"grouping_id" bigint NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"digested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"level" smallint NOT NULL,
	"handled" boolean,
	"platform_id" bigint,
	"sdk_id" bigint,
	"os_id" bigint,
	"runtime_id" bigint,
	"browser_id" bigint,
	"device_manufacturer_id" bigint,
	"device_brand_id" bigint,
	"device_model_id" bigint,
	"device_family_id" bigint,
	"device_arch_id" bigint,
	"device_specs_id" bigint,
	"chipset_id" bigint,
	"locale_id" bigint,
	"timezone_id" bigint,
	"connection_type_id" bigint,
	"orientation_id" bigint,
	"exception_mechanism_id" bigint,
	"http_method_id" bigint,
	"environment_id" bigint,
	"release_id" bigint,
	"dist_id" bigint,
	"server_name_id" bigint,
	"transaction_id" bigint,
	"logger_id" bigint,
	"app_id" bigint,
	"user_id" bigint,
	"exception_type_id" bigint,
	"exception_message_id" bigint,
	"top_frame_id" bigint,
	"url_id" bigint,
	"tag_ids" bigint[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "report_project_id_event_id_day_pk" PRIMARY KEY("project_id","event_id","day")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
ALTER TABLE "project_counter" ADD CONSTRAINT "project_counter_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_key" ADD CONSTRAINT "project_key_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "archive_event" ON "archive" USING btree ("project_id","event_id");--> statement-breakpoint
CREATE UNIQUE INDEX "grouping_key" ON "grouping" USING btree ("project_id","key_hash");--> statement-breakpoint
CREATE INDEX "outcome_project" ON "outcome" USING btree ("project_id","recorded_at");--> statement-breakpoint
CREATE INDEX "project_key_public_key_index" ON "project_key" USING btree ("public_key");--> statement-breakpoint
CREATE INDEX "report_grouping" ON "report" USING btree ("project_id","grouping_id","received_at");--> statement-breakpoint
CREATE INDEX "report_tags" ON "report" USING gin ("tag_ids");
--> statement-breakpoint
-- Bodies arrive compressed: trying to compress them again costs time and saves nothing.
ALTER TABLE "archive" ALTER COLUMN "body" SET STORAGE EXTERNAL;
--> statement-breakpoint
-- Counters are updated in place, again and again: room in the page keeps those updates off the indexes.
ALTER TABLE "issue" SET (fillfactor = 80);
--> statement-breakpoint
ALTER TABLE "issue_hour" SET (fillfactor = 80);
