import { MARK } from '../message/mark.ts'
import { parameterise } from '../message/parameterise.ts'
import { either } from '../pattern.ts'

/** Placeholders as loggers write them. */
const PLACEHOLDER = new RegExp(
  either([
    // printf and Python: `%s`, `%(name)s`, `%05.2f`.
    /%(?:\([\w.]{1,64}\))?[-+#0]{0,3}\d{0,4}(?:\.\d{1,3})?[sdifgxXeoucrp@]/,
    // `str.format`, Serilog, Log4j, `{}`, and what SDKs make of template strings: `{0}`, `${name}`.
    /\$?\{[^{}]{0,64}\}/,
    // Numbered: `%1$s`, `%1`.
    /%\d{1,2}\$?[sd]?/,
  ]),
  'g',
)

/** A template as its filled-in text would be written with its values replaced; `null` where it is nothing but placeholders. */
export function readTemplate(template: string): string | null {
  // A number is replaced in its place, whatever stood around the placeholder.
  const text = parameterise(template.replace(PLACEHOLDER, ' 0 ').replace(/ {2,}/g, ' '))
  return /\p{L}{2}/u.test(text.replaceAll(MARK, '')) ? text.trim() : null
}
