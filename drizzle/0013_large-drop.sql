CREATE TABLE "large_drop" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"days" integer NOT NULL,
	"newest" jsonb NOT NULL,
	CONSTRAINT "large_drop_only" CHECK ("large_drop"."is_only")
);
