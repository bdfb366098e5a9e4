/** A URL, or a text with URLs in it, without the user and password that they may hold: for logs, records and people. */
export function withoutSecrets(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/'"]*@/gi, '$1')
}
