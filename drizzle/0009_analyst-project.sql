CREATE TABLE "analyst_project" (
	"project_id" bigint NOT NULL,
	"role_name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "analyst_project_project_id_role_name_pk" PRIMARY KEY("project_id","role_name")
);
--> statement-breakpoint
ALTER TABLE "analyst_project" ADD CONSTRAINT "analyst_project_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "analyst_project_role" ON "analyst_project" USING btree ("role_name");