/** Compiles MJML to the HTML of a mail, which loads no fonts from elsewhere. The compiler is large: it is loaded when it is first asked for. */
export async function compile(source: string): Promise<{ html: string; errors: string[] }> {
  const { default: mjml } = await import('mjml-browser')
  try {
    const { html, errors } = mjml(source, { validationLevel: 'soft', keepComments: false, fonts: {} })
    return { html, errors: errors.map((e: { formattedMessage?: string; message: string }) => e.formattedMessage ?? e.message) }
  } catch (error) {
    return { html: '', errors: [error instanceof Error ? error.message : String(error)] }
  }
}

/** What a new mail begins with. */
export const starter = `<mjml>
  <mj-body background-color="#f7f4ee" width="600px">
    <mj-section background-color="#ffffff" padding="28px 20px">
      <mj-column>
        <mj-text font-family="Georgia, serif" font-size="26px" line-height="1.25" color="#211e1a">Hello {{ person.first_name | default: 'you' }},</mj-text>
        <mj-text font-family="Georgia, serif" font-size="16px" line-height="1.6" color="#211e1a">say here what you have to say. Short is good.</mj-text>
        <mj-button font-family="Georgia, serif" font-size="16px" background-color="#0f5c5c" color="#ffffff" border-radius="6px" href="https://example.com/">Have a look</mj-button>
      </mj-column>
    </mj-section>
    <mj-section padding="16px 20px">
      <mj-column>
        <mj-text font-family="Georgia, serif" font-size="12px" line-height="1.6" color="#655e54" align="center">
          {{ brand.title }}{% if brand.address %}, {{ brand.address }}{% endif %}<br />
          <a href="{{ unsubscribe_url }}" style="color:#655e54">Unsubscribe</a> ·
          <a href="{{ preferences_url }}" style="color:#655e54">Choose what you hear about</a>
        </mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`
