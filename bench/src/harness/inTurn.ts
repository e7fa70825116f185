/**
 * Does something asynchronous `count` times, each time after the one before.
 */
export const inTurn = async <A>(count: number, work: (n: number) => Promise<A>): Promise<ReadonlyArray<A>> => {
  const results: Array<A> = []
  // oxlint-disable-next-line eslint/no-await-in-loop -- measurements must not overlap
  for (let n = 0; n < count; n++) results.push(await work(n))
  return results
}
