import { either, words } from '../pattern.ts'

/** A kind of code, the first group of whose expression is it. */
export interface CodePattern {
  /** Stands before the code in a key, in place of the words around it. */
  name: string
  expression: RegExp
}

/** Of POSIX and of Node's resolver, without the `E` they begin with. */
const ERRNO = words(`
  NOENT ACCES PERM EXIST ISDIR NOTDIR NOTEMPTY ROFS NOSPC DQUOT MFILE NFILE XDEV LOOP NAMETOOLONG BADF BUSY IO
  CONNREFUSED CONNRESET CONNABORTED TIMEDOUT SOCKETTIMEDOUT PIPE ADDRINUSE ADDRNOTAVAIL HOSTUNREACH NETUNREACH NETDOWN
  NOTFOUND AI_AGAIN PROTO
  AGAIN INVAL NOMEM SRCH INTR
`)

const SYSTEM: readonly CodePattern[] = [
  { name: '', expression: new RegExp(String.raw`\b(E(?:${ERRNO.join('|')}))\b`) },
  { name: 'errno ', expression: /(?:\[Errno |\berrno[ =:]{1,2}|\(os error |\[WinError )(-?\d{1,6})/i },
]

/** Codes that begin with who gave them: MongoDB, Oracle, the compilers of C# and TypeScript; and every database's SQLSTATE. */
const OF_PRODUCT: readonly CodePattern[] = [
  { name: '', expression: /\b(E\d{5}|ORA-\d{5}|TNS-\d{5}|CS\d{4}|TS\d{4})\b/ },
  { name: 'SQLSTATE ', expression: /SQLSTATE[ =:[(]{0,3}([0-9A-Z]{5})\b/ },
]

const STATUS_WORDS = either([
  /status(?: ?code| error)?(?: of)?/,
  /HTTP(?:\/\d(?:\.\d)?)?/,
  /answered|returned|response|code|indicate success/,
])

const HTTP: readonly CodePattern[] = [
  {
    name: 'status ',
    expression: new RegExp(String.raw`\b${STATUS_WORDS}[ :='"[]{1,3}\(?([1-5]\d\d)\b(?!\.\d)`, 'i'),
  },
  // `404 Not Found`, `500 (Internal …)`.
  { name: 'status ', expression: /(?:^|[ \x60:(])([45]\d\d) \(?[A-Z][a-z]/ },
]

/** In quotes of any language, of which Japanese and French ones have a space within. */
const QUOTED_NAME = String.raw`["'\x60»«“”]{1,2} ?([\w.$:-]{1,128}) ?["'\x60»«“”]`

/** Which constraint or index was violated; the values are somebody's. */
export const CONSTRAINTS: readonly CodePattern[] = [
  {
    name: '',
    expression: new RegExp(
      String.raw`\b${either([/constraint|index|for key/, /contrainte[\wé ]{0,20}/])}[ :=]{1,2}${QUOTED_NAME}`,
      'i',
    ),
  },
  // Prisma.
  {
    name: '',
    expression: /constraint failed on the (?:fields?|constraint): \(?["'`]{1,2}([\w.$,`' -]{1,128}?)["'`]{1,2}\)?/i,
  },
  // MongoDB, SQLite.
  { name: '', expression: /\b(?:index|constraint(?: failed)?): ([\w.]{1,128})/ },
  // Ecto.
  { name: '', expression: /\* ["'`]?([\w.-]{1,128})["'`]? \(\w{1,40}_constraint\)/ },
  // SQL Server, in whatever language: `UNIQUE KEY-Einschränkung „…“`.
  { name: '', expression: /\bKEY-?[^"'`»«“]{0,30}["'`»«“]([\w.$-]{1,128})["'`»«”]/ },
]

/** What frameworks write into their texts. */
const OF_FRAMEWORK: readonly CodePattern[] = [
  // Laravel says in which template it was, of whatever directory.
  { name: 'view ', expression: /\(View: [^)]{0,300}\/([\w.-]{1,80}\/[\w.-]{1,80})\)/ },
  // Flutter.
  { name: 'code ', expression: /\b(?:PlatformException|\w{3,40}Error)\((-?\w{1,40}),/ },
  // React.
  { name: 'error ', expression: /\berror #(\d{1,5})\b/i },
  // Apple's.
  { name: 'code ', expression: /\bCode[:=] ?(-?\d{1,6})\b/ },
  // gRPC.
  { name: 'code ', expression: /\bcode = ([A-Z]\w{2,30})\b/ },
]

/**
 * Codes by which systems tell failures apart, whatever the language of the words around them. Quantifiers are bounded, and no
 * two of them can match the same characters: time is linear.
 */
export const CODE_PATTERNS: readonly CodePattern[] = [
  ...SYSTEM,
  ...OF_PRODUCT,
  ...HTTP,
  ...CONSTRAINTS,
  ...OF_FRAMEWORK,
]
