/** Files that are taken as they are: what they hold becomes part of a page. */
declare module '*.css' {
  const text: string
  export default text
}

declare module '*.browser.js' {
  const text: string
  export default text
}
