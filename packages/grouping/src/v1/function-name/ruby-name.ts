/** The method somebody wrote: `rescue in block (2 levels) in pay` is `pay`, and since Ruby 3.4 so is `Order#pay`. */
export function readRubyName(name: string): string {
  const inside = name.lastIndexOf(' in ')
  const qualified = inside === -1 ? name : name.slice(inside + ' in '.length)
  const method = qualified.slice(Math.max(qualified.lastIndexOf('#'), qualified.lastIndexOf('.')) + 1)
  // A compiled template carries numbers of the process it was compiled in.
  return method.startsWith('_app_') || method.includes('__') ? method.replace(/_{2,4}\d+_\d+_*$/, '') : method
}
