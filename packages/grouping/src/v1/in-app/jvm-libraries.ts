import { eitherName, words } from '../pattern.ts'

/** Packages of the JVM, which are written backwards: nothing of an application lies below one of these. */
const LIBRARY = new RegExp(
  `^${eitherName([
    ...words('java javax jakarta jdk sun com.sun oracle com.oracle'),
    ...words('kotlin kotlinx scala groovy clojure'),
    ...words('android androidx dalvik com.android com.google libcore'),
    // Whole organisations that publish libraries.
    ...words('org.springframework org.apache org.hibernate org.jboss org.eclipse org.junit org.codehaus'),
    ...words('com.facebook com.fasterxml com.squareup com.microsoft com.intellij net.bytebuddy net.sf'),
    // Servers, clients and streams.
    ...words('io.netty io.undertow io.grpc io.ktor io.vertx io.quarkus io.micronaut io.reactivex reactor rx akka play'),
    ...words('okhttp3 okio retrofit2 feign ring compojure ox cats zio'),
    // Databases and caches.
    ...words('org.postgresql org.h2 com.mysql com.mongodb com.zaxxer io.lettuce redis.clients'),
    // Logging, metrics, injection, pictures.
    ...words('ch.qos io.sentry io.micrometer io.opentelemetry dagger leakcanary coil timber'),
  ])}[./$]`,
)

/** The language's own, which Android's is too. */
const RUNTIME = new RegExp(
  `^${eitherName(words('java javax jdk sun kotlin kotlinx scala clojure groovy android dalvik libcore'))}\\.`,
)

/** Whether a class is somebody else's. */
export function isJvmLibrary(module: string): boolean {
  return LIBRARY.test(module)
}

/** Whether a class is the language's own. */
export function isJvmRuntime(module: string): boolean {
  return RUNTIME.test(module)
}
