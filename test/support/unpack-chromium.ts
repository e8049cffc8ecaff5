import chromium from '@sparticuz/chromium'

// A program of its own, because the package unpacks into the temporary folder and decides by environment variables what
// to unpack: see start-chromium.ts, which sets both. Says where the executable is.
process.stdout.write(await chromium.executablePath())
