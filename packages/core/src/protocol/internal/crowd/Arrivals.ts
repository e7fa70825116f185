/**
 * How many others were heard, and how thickly of late.
 *
 * @since 0.1.0
 */

/** Updated in place. `latest` is a ring of the times of the last ones. */
export interface Arrivals {
  count: number
  readonly latest: Float64Array
}

/** So many within so many milliseconds are a crowd: the pace at which hosts that start together announce themselves. */
export const most = 60
export const period = 100

export const make = (): Arrivals => ({ count: 0, latest: new Float64Array(most).fill(-Infinity) })

export const add = (self: Arrivals, now: number): void => {
  self.latest[self.count % most] = now
  self.count++
}

/** Whether as many were heard within the last period as may be. */
export const isBusy = ({ count, latest }: Arrivals, now: number): boolean => latest[count % most]! > now - period

/** When the one of this number was heard, the first being number 1; long ago, when many were heard since. */
export const at = ({ count, latest }: Arrivals, number: number): number =>
  number + most <= count ? -Infinity : latest[(number - 1) % most]!
