/** A process as it is shown, `nginx (pid 812)`, without its pid. */
export function withoutPid(text: string): string {
  return text.replace(/ \(pid \d+\)/g, '')
}
