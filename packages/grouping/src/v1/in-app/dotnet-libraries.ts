import { eitherName, words } from '../pattern.ts'

const LIBRARY = new RegExp(
  `^${eitherName([
    ...words('System Microsoft Mono Newtonsoft'),
    ...words('Npgsql MySql Dapper StackExchange Serilog Sentry Autofac MediatR AutoMapper Polly'),
    ...words('Hangfire Quartz MassTransit NServiceBus Grpc Swashbuckle'),
    ...words('UnityEngine Unity Cysharp'),
  ])}\\.`,
)

/** Whether a namespace, a class or a function with its class is somebody else's. */
export function isDotnetLibrary(name: string): boolean {
  return LIBRARY.test(name)
}

/** Whether it is the language's own. */
export function isDotnetRuntime(name: string): boolean {
  return /^System(?:\.|$)/.test(name)
}
