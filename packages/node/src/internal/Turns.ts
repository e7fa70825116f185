/**
 * Which datagrams come in the same turn of the event loop.
 *
 * A turn brings up to 32 datagrams of a socket. To be told of its end costs as much as several readings of the clock, so it is only asked for while
 * turns bring many; now and then it is looked whether they do.
 */

/** The turns that a socket's datagrams come in. */
export interface Turns {
  /** Datagrams of this turn so far, 0 while its end is not waited for. */
  size: number
  /** Whether time may have passed since the last datagram of it. */
  isBroken: boolean
  /** How many more come before it is looked again. */
  pause: number
  readonly onEnd: () => void
}

const many = 8
const pause = 64

export const make = (): Turns => {
  const self: Turns = {
    size: 0,
    isBroken: false,
    pause: 0,
    onEnd: () => {
      if (self.size < many) self.pause = pause
      self.size = 0
    }
  }
  return self
}

/** Whether a datagram is known to have come in the same turn as the one before it; to be asked for each. */
export const isSame = (self: Turns): boolean => {
  if (self.size > 0) {
    const isSame = !self.isBroken
    self.size++
    self.isBroken = false
    return isSame
  }
  if (self.pause > 0) self.pause--
  else {
    self.size = 1
    self.isBroken = false
    setImmediate(self.onEnd)
  }
  return false
}

/** Whether a datagram is known to have come in a turn that had brought another. */
export const isShared = ({ size }: Turns): boolean => size > 1

/** Says that something else is done before the next datagram, for which time may pass. */
export const interrupt = (self: Turns): void => {
  self.isBroken = true
}
