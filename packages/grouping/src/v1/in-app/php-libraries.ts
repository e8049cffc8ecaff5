import { either, eitherName, words } from '../pattern.ts'

const NAMESPACES = words(`
  Illuminate Laravel Livewire Inertia Filament Barryvdh Spatie Carbon
  Symfony Twig Doctrine Proxies Monolog Psr League Composer PHPUnit GuzzleHttp Predis Aws Sentry
  Yii yii Cake CodeIgniter Slim Nette Laminas Zend Phalcon WP_Hook wpdb
`)

const LIBRARY = new RegExp(
  either([
    new RegExp(String.raw`^${eitherName(NAMESPACES)}\\`),
    // The language's own functions and classes.
    /^(?:call_user_func|array_|require|include|json_decode|PDO|mysqli|Redis::)/,
    /^twig_/,
    // WordPress calls the plugins through these.
    /^(?:WP_Hook::|apply_filters|do_action)/,
  ]),
)

/** PHP's frames have the file of the caller: a function of a framework may stand at a file of the application. */
export function isPhpLibrary(name: string): boolean {
  return LIBRARY.test(name)
}
