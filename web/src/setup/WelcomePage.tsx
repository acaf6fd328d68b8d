import { Stepper } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Navigate, useNavigate, useSearchParams } from 'react-router'
import { useMay, useSession } from '../api/session'
import { Loading } from '../ui/State'
import { Page } from '../ui/Page'
import { words } from '../words/i18n'
import { BrandStep } from './parts/BrandStep'
import { SenderStep } from './parts/SenderStep'
import { SourceStep } from './parts/SourceStep'
import { brandKey, loadBrand } from './brand'

const t = words('setup')
const steps = ['brand', 'sender', 'source'] as const

/** The first steps of a new installation. Each is kept when it is done, and can be done again. */
export default function WelcomePage() {
  const session = useSession()
  const may = useMay()
  const go = useNavigate()
  const [search, setSearch] = useSearchParams()
  const brand = useQuery({ queryKey: brandKey, queryFn: loadBrand, enabled: !!session.data })
  const [reached, setReached] = useState(0)
  const [taken, setTaken] = useState(0) // how often a step began anew, from what a colleague had saved
  const onTake = () => setTaken(taken + 1)
  if (!may('data:manage') || !may('specs:write')) return <Navigate to="/" replace />
  const at = Math.max(0, steps.findIndex((s) => s === search.get('step')))
  const to = (n: number) => {
    setReached(Math.max(reached, n))
    if (n >= steps.length) void go('/')
    else setSearch({ step: steps[n] }, { replace: true })
  }
  return (
    <Page title={t('welcome.title')} lead={t('welcome.lead')}>
      <div style={{ maxWidth: 760 }}>
        <Stepper active={at} onStepClick={to} size="sm" iconSize={30} allowNextStepsSelect={false} mb="lg" className="steps" aria-label={t('welcome.title')}>
          {steps.map((s, i) => <Stepper.Step key={s} label={t(`step.${s}`)} description={t(`step.${s}-about`)} allowStepSelect={i <= Math.max(reached, at) || !!brand.data} />)}
        </Stepper>
        <div className="panel"><div className="body">
          {brand.isPending ? <Loading lines={6} /> : <>
            {at === 0 && <BrandStep key={taken} brand={brand.data ?? null} onDone={() => to(1)} onTake={onTake} />}
            {at === 1 && <SenderStep key={taken} brand={brand.data ?? null} onDone={() => to(2)} onBack={() => to(0)} onTake={onTake} />}
            {at === 2 && <SourceStep onDone={() => to(3)} />}
          </>}
        </div></div>
      </div>
    </Page>
  )
}
