/**
 * A method of .NET as it was written: async methods and lambdas live in generated classes, `<PayAsync>d__12.MoveNext` and
 * `<>c__DisplayClass3_0.<Pay>b__0`, generics carry their arity or arguments, Unity appends parameters and a line.
 */
export function readDotnetMethod(name: string): string {
  const bare = withoutParameters(name)
  const generated = GENERATED.exec(bare)
  if (generated) return generated[1] ?? ''
  // Ben.Demystifier and Sentry's own form: `Task<T> ApiClient.SendAsync`, `Pay { <lambda> }`.
  const lambda = bare.indexOf(' { <lambda')
  if (lambda > 0) return bare.slice(0, lambda)
  return bare.slice(bare.lastIndexOf('.') + 1).replace(/`\d+|\[[^\]]*\]$|<[^<>]*>$/g, '')
}

/** The class a frame stands in, without the generated classes within it and its type arguments. */
export function readDotnetClass(module: string): string {
  const owner = module.split(/[+/](?=<)/, 1)[0] ?? module
  return owner.split(/`\d|<|\[/, 1)[0] ?? owner
}

/** The method an async state machine or a lambda was made of, where its class tells: `OrderService+<PayAsync>d__12`. */
export function methodInClass(module: string): string | null {
  return /[+/]<(\w+)>d__/.exec(module)?.[1] ?? null
}

/** Whether code is written over any type: what is wrong with it is what somebody made of it. */
export function isGeneric(module: string): boolean {
  return /`\d|<\w+>$/.test(module)
}

/** The class that stands before the method in one text, as Unity writes it; empty where there is none. */
export function classInName(name: string): string {
  const bare = withoutParameters(name)
  const generated = bare.search(/[+./](?=<)/)
  if (generated > 0) return readDotnetClass(bare.slice(0, generated))
  const dot = bare.lastIndexOf('.')
  return dot > 0 ? readDotnetClass(bare.slice(0, dot)) : ''
}

const GENERATED = /<(\w+)>(?:[bdg]__|[\w|]*\|)/

function withoutParameters(name: string): string {
  const open = name.search(/ ?\(/)
  return open > 0 ? name.slice(0, open) : name
}
