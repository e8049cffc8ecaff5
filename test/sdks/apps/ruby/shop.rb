# A shop that breaks, with Debian's sentry-ruby.
require 'sentry-ruby'

Sentry.init do |config|
  config.dsn = ENV.fetch('SENTRY_DSN')
  config.release = 'shop@2.3.1'
  config.environment = 'staging'
  config.server_name = 'web-3'
  config.traces_sample_rate = 1.0
  # In the program's own thread: it ends only when everything is sent.
  config.background_worker_threads = 0
end
Sentry.set_tags(region: 'eu')
Sentry.set_user(id: '42', email: 'ada@example.com')

Sentry.with_session_tracking do
  begin
    1 / 0
  rescue ZeroDivisionError => e
    Sentry.capture_exception(e)
  end
end
Sentry.session_flusher.flush

Sentry.capture_message('the disk fills up', level: :warning)

# Large enough for the SDK to compress it.
Sentry.with_scope do |scope|
  scope.set_extra(:cart, (1..4_000).map { |n| "item #{n * 7919 % 10_007}" })
  Sentry.capture_message('the cart is large', level: :error)
end

transaction = Sentry.start_transaction(name: 'checkout', op: 'task')
transaction.start_child(op: 'db').finish
transaction.finish
