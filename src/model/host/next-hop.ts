/** One way on of a route. */
export interface NextHop {
  /** May be of IPv6 where the route is of IPv4. */
  via: string | null
  dev: string | null
  /** The gateway lies in no network of the interface, and is asked for there all the same. */
  onlink?: true
  /** The kernel takes another one while the interface is down. */
  dead?: true
}
