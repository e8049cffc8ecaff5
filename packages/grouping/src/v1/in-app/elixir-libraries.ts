import { either, eitherName, words } from '../pattern.ts'

/** The language's own that only compute: what is wrong with them is what somebody gave them. */
const PURE = words('Kernel Enum Map Keyword List String Stream Access')

const LIBRARY = new RegExp(
  either([
    new RegExp(
      `^(?:Elixir\\.)?${eitherName([
        ...PURE,
        ...words('GenServer Task Agent Supervisor Registry Process Logger'),
        ...words('Phoenix Plug Ecto DBConnection Postgrex Bandit Cowboy Oban Absinthe Broadway Horde'),
        ...words('Jason Finch Mint Tesla HTTPoison Req Sentry Swoosh'),
      ])}(?:\\.|$)`,
    ),
    // Erlang's, below all of them.
    /^(?:gen_server|gen_statem|gen|proc_lib|erlang|lists|maps|ets|supervisor|cowboy\w*|ranch\w*|timer)$/,
  ]),
)

const RUNTIME = new RegExp(
  either([new RegExp(`^(?:Elixir\\.)?${eitherName(PURE)}(?:\\.|$)`), /^(?:erlang|lists|maps)$/]),
)

/** Whether a module is somebody else's. */
export function isElixirLibrary(module: string): boolean {
  return LIBRARY.test(module)
}

/** Whether a module is the language's own. */
export function isElixirRuntime(module: string): boolean {
  return RUNTIME.test(module)
}
