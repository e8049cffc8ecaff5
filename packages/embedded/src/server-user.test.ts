import { expect, test } from 'vitest'
import { findNobody } from './server-user.ts'

test.for([
  ['root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n', { uid: 65534, gid: 65534 }],
  ['nobody:x:99:99::/:/bin/false\nnfsnobody:x:65534:65533::/:/bin/false\n', { uid: 65534, gid: 65533 }],
  // macOS has a negative one, which Node cannot both chown to and become
  ['nobody:*:-2:-2::0:0:Unprivileged User:/var/empty:/usr/bin/false\n', null],
  ['root:x:0:0::/root:/bin/sh\n', null],
  ['nobody:x:0:0::/:/bin/sh\n', null],
  ['nobody\n\n', null],
  ['', null],
] as const)('root becomes nobody as %j says', ([passwd, user]) => {
  expect(findNobody(passwd)).toEqual(user)
})
