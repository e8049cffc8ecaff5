/** `anonymous fn/1 in Shop.Cart.pay/2`, `-pay/2-fun-0-` are `pay/2`: the number of arguments is part of the name. */
export function readElixirName(name: string): string {
  const inside = name.lastIndexOf(' in ')
  const qualified = inside === -1 ? name : name.slice(inside + ' in '.length)
  const own = qualified.replace(/^.*"?-(?:fun\.)?([\w!?]+\/\d+)-.*$/, '$1')
  return own.slice(own.lastIndexOf('.') + 1)
}
