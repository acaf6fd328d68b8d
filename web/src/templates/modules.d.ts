declare module 'mjml-browser' {
  const mjml: (source: string, options?: Record<string, unknown>) => { html: string; errors: { message: string; formattedMessage?: string }[] }
  export default mjml
}
declare module 'grapesjs-mjml/locale/de' {
  const messages: { default: Record<string, unknown> } // a CommonJS module, as a whole
  export default messages
}
declare module 'grapesjs/locale/de.mjs' {
  const messages: Record<string, unknown>
  export default messages
}
