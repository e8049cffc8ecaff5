ALTER TABLE "process" ADD COLUMN "looked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "process" ADD COLUMN "accepted" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "process" ADD COLUMN "per_second" real DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "process" ADD COLUMN "spool_records" bigint;--> statement-breakpoint
ALTER TABLE "process" ADD COLUMN "spool_bytes" bigint;--> statement-breakpoint
ALTER TABLE "process" ADD COLUMN "spool_max_bytes" bigint;--> statement-breakpoint
ALTER TABLE "process" ADD COLUMN "spool_kept_aside_bytes" bigint;