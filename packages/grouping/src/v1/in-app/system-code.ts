import { either } from '../pattern.ts'
import { isRustLibrary } from './rust-libraries.ts'

/** Where systems keep their own libraries, and what these are called where they lie elsewhere. */
const SYSTEM_PACKAGE = new RegExp(
  either([
    /^\/(?:usr\/lib|usr\/local\/lib|lib\d*|system|System|apex)\//,
    /\\(?:Windows|WINDOWS)\\/,
    /[\\/](?:libc|libstdc\+\+|libc\+\+|libpthread|libm|ld-musl|ld-linux|libart)[^\\/]*$/,
    /[\\/](?:libsystem|libdispatch|libobjc|libswift)[^\\/]*$/,
    /[\\/](?:ntdll|kernel32|KERNELBASE|ucrtbase|vcruntime)[^\\/]*$/,
    /[\\/](?:libunity|UnityPlayer)[^\\/]*$/,
    /\.framework\//,
  ]),
)

/** C's and C++'s: starts of processes and threads, ends of them, memory and text, exceptions. */
const C = [
  /std::|__gnu_cxx::|__cxxabiv1::|abi::|boost::|__cxa_|__gxx_|operator new|operator delete/,
  /_?_?abort$|_?_?raise$|_?_?terminate|__assert|common_assert|__GI_/,
  /_start$|main$|start_thread|clone3?$|__libc_|pthread_|__pthread_/,
  /mem(?:cpy|move|set|cmp)|__mem|str(?:len|cpy|cmp)|malloc|free$/,
]
const WINDOWS = [
  /invoke_main|__scrt_|WinMain|BaseThreadInitThunk|RtlUserThreadStart|RaiseException|_CxxThrowException|KiUser/,
]
const APPLE = [
  /objc_|_objc|@objc|NSApplicationMain|UIApplicationMain|CFRunLoop|__CF|_dispatch|dispatch_/,
  /swift_|_swift|thunk for|reabstraction thunk|partial apply for closure|specialized Swift|Swift\.|SwiftUI|UIKit/,
  /-\[UI|-\[NS|\+\[NS|-\[__NS|__(?:NS|UI|CF)/,
]
const RUST = [/rust_|__rust|_rust_/]
/** Unreal's asserts, reports and loops. */
const UNREAL = [
  /F(?:Debug|OutputDevice|MsgBox|Scoped)\w*::/,
  /F(?:GenericPlatform|WindowsError|WindowsPlatform|UnixError|UnixPlatform|EngineLoop|RunnableThread)\w*::/,
  /GuardedMain|LaunchWindowsStartup|TArray|UE::|UObject::|AActor::Tick|UWorld::|UGameEngine::|FTickFunction/,
]
/** Unity's own, and of what it compiled from C# the classes of the language. */
const UNITY = [
  /il2cpp|Il2Cpp|RuntimeInvoker|mono_|scripting_/,
  /(?:String|List|Dictionary|Stream|Array|Object|File|FileStream|BinaryReader|BinaryWriter|Enumerator|Func|Action|Task)_\w+_m[0-9A-F]{20}/,
]

/** What stands above and around the place: nobody's bug lies in it. */
const SYSTEM_FUNCTION = new RegExp(`^${either([...C, ...WINDOWS, ...APPLE, ...RUST, ...UNREAL, ...UNITY])}`)

/** Whether a native function or the file it was loaded from belongs to the system, the runtime or the engine. */
export function isSystemCode(name: string | null, packagePath: string | null): boolean {
  if (name !== null && (SYSTEM_FUNCTION.test(name) || isRustLibrary(name))) return true
  return packagePath !== null && SYSTEM_PACKAGE.test(packagePath)
}
