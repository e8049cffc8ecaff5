// A shop that breaks, with Debian's sentry-go.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/getsentry/sentry-go"
)

type cartError struct{ items int }

func (e *cartError) Error() string {
	return fmt.Sprintf("the cart holds %d items too many", e.items)
}

func main() {
	err := sentry.Init(sentry.ClientOptions{
		Dsn:              os.Getenv("SENTRY_DSN"),
		Release:          "shop@2.3.1",
		Environment:      "staging",
		ServerName:       "web-3",
		TracesSampleRate: 1.0,
	})
	if err != nil {
		panic(err)
	}
	sentry.ConfigureScope(func(scope *sentry.Scope) {
		scope.SetTag("region", "eu")
		scope.SetUser(sentry.User{ID: "42", Email: "ada@example.com"})
	})

	sentry.CaptureException(&cartError{items: 3})

	sentry.WithScope(func(scope *sentry.Scope) {
		scope.SetLevel(sentry.LevelWarning)
		sentry.CaptureMessage("the disk fills up")
	})

	span := sentry.StartSpan(context.Background(), "task", sentry.TransactionName("checkout"))
	span.StartChild("db").Finish()
	span.Finish()

	if !sentry.Flush(10 * time.Second) {
		os.Exit(3)
	}
}
