import { before } from '../before.ts'

/** A class without what proxies, compilers and shrinkers add: `Cart$$SpringCGLIB$$0`, `Cart$$Lambda$14/0x7f`, `Cart$pay$1`. */
export function readJvmClass(module: string): string {
  if (!module.includes('$') && !module.includes('_Accessor_')) return module
  const generated = GENERATED.exec(module)
  const own = generated === null || generated.index === 0 ? module : module.slice(0, generated.index)
  return (
    own
      // Kotlin's Compose keeps its lambdas in classes numbered by file.
      .replace(/ComposableSingletons\$([\w]+)\$lambda.*$/, '$1')
      .replace(/\$(?:fn|eval|reify)__\d+/g, '')
      .replace(/\$(?:lambda-)?\d+/g, '')
  )
}

/** Hibernate, javassist, Guice, Mockito and Spring Data besides the frameworks that write two dollars. */
const GENERATED = /_?\$\$|\$HibernateProxy\$|\$ByteBuddy\$|\$MockitoMock\$|\$Proxy\d|\$\$serializer|__?Accessor_/

/** A method without the compiler's part: `lambda$pay$7`, `pay$lambda$0`, `access$pay`, `pay$default` are `pay`. */
export function readJvmMethod(name: string): string {
  if (!name.includes('$')) return name
  if (name.startsWith('$anonfun$')) return before(name.slice('$anonfun$'.length), '$')
  if (name.startsWith('lambda$')) return before(name.slice('lambda$'.length), '$')
  const own = name.startsWith('access$') ? name.slice('access$'.length) : name
  if (/^\d+$/.test(own)) return ''
  return before(before(own, '$lambda'), '$default')
    .replace(/\$suspendImpl$/, '')
    .replace(/\$\d+$/, '')
}

/**
 * Where Kotlin and Clojure put a function's body into a class of its own, that class tells the function:
 * `Pay$charge$1.invokeSuspend`, `billing.core$charge$fn__12.invoke`.
 */
export function readBodyClass(module: string, method: string): { module: string; method: string } | null {
  if (!BODY_METHODS.has(method)) return null
  const scala = /^(.+?)\$*\$\$anonfun\$(\w+)/.exec(module)
  if (scala) return { module: scala[1] ?? module, method: before(scala[2] ?? method, '$') }
  const [owner, ...inner] = module.split('$')
  const name = inner.find((part) => /^[a-z_][\w-]*$/.test(part) && !/^(?:fn__|eval|lambda-)/.test(part))
  return owner === undefined || name === undefined ? null : { module: owner, method: name }
}

const BODY_METHODS = new Set(['invoke', 'invokeSuspend', 'doInvoke', 'invokeStatic', 'apply', 'emit'])
