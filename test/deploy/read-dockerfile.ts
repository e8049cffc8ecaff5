/** An instruction of a Dockerfile, its continued lines joined to one. */
export interface Instruction {
  name: string
  /** What follows the name. */
  value: string
}

/** The instructions from one FROM up to the next. */
export interface Stage {
  image: string
  name: string
  instructions: readonly Instruction[]
}

/** Stages in their order. Reads what Rumen's Dockerfile is made of: no heredocs, no parser directives. */
export function readDockerfile(text: string): Stage[] {
  const stages: { image: string; name: string; instructions: Instruction[] }[] = []
  for (const { name, value } of instructionsOf(text)) {
    if (name === 'FROM') {
      const [image = '', , stage = ''] = value.split(/\s+/)
      stages.push({ image, name: stage, instructions: [] })
    } else stages.at(-1)?.instructions.push({ name, value })
  }
  return stages
}

function instructionsOf(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line))
  const joined = lines.join('\n').replaceAll(/\\\n\s*/g, '')
  return joined.split('\n').map((line) => {
    const [, name = '', value = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
    return { name: name.toUpperCase(), value }
  })
}

/** What ENV sets, by its name. */
export function environmentOf({ instructions }: Stage): Map<string, string> {
  const pairs = valuesOf(instructions, 'ENV').flatMap((value) => [...value.matchAll(/(\w+)=(\S*)/g)])
  return new Map(pairs.map(([, name = '', value = '']) => [name, value]))
}

export function valuesOf(instructions: readonly Instruction[], name: string): string[] {
  return instructions.flatMap((one) => (one.name === name ? one.value : []))
}
