import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { ROOT } from './paths.mjs'

/** Ctrl-C reaches the child by itself; should it not have, it is told after this long. */
const INTERRUPT_AGAIN_MS = 15_000

/**
 * Runs a program to its end and returns its exit code, 128 + n when signal n ended it. What is asked of this process is asked
 * of the program, and this one leaves after it. `group`: of everything the program has started too, which is no longer in the
 * terminal's reach then; the code is that of the signal.
 */
export function runChild(command, args, { onOutput, group = false, ...options }) {
  return new Promise((resolve, reject) => {
    let child = null
    let asked = null
    const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
      const listener = () => {
        if (group) asked = stopGroup(child, signal)
        else passOn(child, signal)
      }
      return [signal, listener]
    })
    const settle = (finish) => {
      for (const [signal, listener] of listeners) process.off(signal, listener)
      finish()
    }
    // Before the start: a signal in the moment after it would end this process alone.
    for (const [signal, listener] of listeners) process.on(signal, listener)
    child = spawn(command, args, { cwd: ROOT, detached: group, ...options })
    child.once('error', (error) => settle(() => reject(error)))
    child.once('close', (code, signal) => settle(() => resolve(exitCode(code, asked ?? signal))))
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput)
  })
}

function exitCode(code, signal) {
  return signal ? 128 + constants.signals[signal] : code
}

function stopGroup(child, signal) {
  try {
    process.kill(-child.pid, 'SIGTERM')
  } catch {
    // It has just ended.
  }
  return signal
}

function passOn(child, signal) {
  if (signal === 'SIGINT' && hasTerminal()) {
    // The terminal interrupts every process in its foreground; a second interrupt would mean "now, at once".
    setTimeout(() => child.kill('SIGTERM'), INTERRUPT_AGAIN_MS).unref()
    return
  }
  child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
}

function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
