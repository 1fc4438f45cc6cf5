# Texts that every page shares

brand = Hejie
close = Close
again = Try again
send = Send
you = you
you-sentence = You
somebody = Somebody
private = private
sample = Sample case
sample-short = sample
list-comma = {", "}
large-text = Large text
large-text-short = Aa+
later-loading = Opening
later-failed = This page could not be fetched.
later-kept = Nothing in the room is lost; you come back by yourself after a reload.
hold-again = Press once more to sign

## Roles
role-consumer = Consumer
role-merchant = Merchant
role-mediator = Mediator
role-helper = Helper
role-interpreter = Interpreter
role-observer = Observer
role-of-side = { $role } ({ $side })

## Identity
identity-document_seen = ID document seen
identity-known_in_person = Known to the mediator
identity-station_staff = Confirmed by station staff
identity-details_matched = Phone and case details matched
identity-account = Signed in with a staff account
identity-not_checked = Identity not checked yet

## Phases
phase-verifying = People are arriving
phase-joint = Everyone together
phase-caucus = Private talk
phase-returning = Coming back together
phase-drafting = Working out terms
phase-signing = Signing
phase-agreed = Agreement reached
phase-terminated = Mediation ended
phase-adjourned = Adjourned

## Grounds (Order 121 art. 23)
ground-withdrawn = Withdrawn, or settled by the parties themselves
ground-not_taking_part = A party does not take part without good reason, or refuses
ground-no_agreement = A party says that no agreement can be reached
ground-appraisal_fees = No agreement on the fees of an appraisal
ground-time_limit = Sixty days from acceptance have passed
ground-refusal_ground = Grounds for refusal, or extortion, came to light
ground-death_or_end = A person died or an enterprise ended
ground-other = Other legal grounds

## Presence and pictures
presence-aside = In a private talk
presence-reconnecting = Reconnecting…
presence-left = Has left
camera-is-off = Camera off
own-picture = My picture, can be moved
screen-of = { $name }’s screen
speaks = is speaking
hand-up = has raised a hand
hand-raise = Raise hand
hand-lower = Lower hand
flip = Switch camera
people = Who takes part
room-alone = Nobody else is here yet
room-alone-next = You will see and hear them as soon as they come in.
tap-for-sound = Tap to turn the sound on
said-came = { $name } came in.
said-left = { $name } left.
said-lost = { $name } is reconnecting.
said-back = { $name } is back.
said-hand = { $name } raised a hand.
said-version = There is a new version of the terms.
said-door = Somebody is waiting at the door.

## Bar
controls = Call controls
mic-on = Mic
mic-off = Muted
camera-on = Camera
camera-off = Off
leave = Leave
leave-sure = Do you want to leave?
leave-what = This link will not bring you back by itself.
leave-stay = Stay

## Bands
link-broken = The connection dropped and is being restored. What you typed is kept.
link-connecting = Connecting
line-poor = The network is weak; sound comes first. Pictures get sharp again by themselves.
line-off = The network is weak; sound comes first and pictures are paused. They come back by themselves.
line-of = { $name } has a bad connection; see why
line-why-none = Their network is bad.
line-why-loss = Their network loses packets; sound may break up.
line-why-delay = Their network is slow to answer; replies come late.
line-why-narrow = Their network carries little; pictures are smaller.
line-why-silent = Nothing arrives from them just now.
line-sound-only = {" "}They get sound only for now.
echo-mine = Your phone sends back what the shop’s loudspeaker says: use earphones, move away, or mute yourself.
echo-of = { $name }’s microphone sends back what the loudspeaker says. They could use earphones, move away, or be muted for now.
echo-mute = Mute
pick-audio = Microphone in use
pick-video = Camera in use
switched-audio = Microphone in use now: { $label }
switched-video = Camera in use now: { $label }
media-broken = Sound and picture dropped and are being restored.
device-interrupted = Your microphone or camera was interrupted, by a call perhaps, and is coming back.
device-again = Continue
muted-by-mediator = The mediator asks you to listen; your microphone is off for now.
caucus-inside = Private with { $names }.
caucus-deaf-consumer = The consumer can’t see or hear this.
caucus-deaf-merchant = The shop can’t see or hear this.
caucus-deaf-others = Nobody else can see or hear this.
caucus-outside = The mediator is talking with the other side. They can’t see or hear you.
caucus-returning = Everyone is back together in { $seconds } s; microphones will open.

## Refused commands
refusal-malformed = This was not understood. Nothing was changed.
refusal-not_your_right = Your role can’t do this. Nothing was changed.
refusal-not_now = This can’t be done at this stage. Nothing was changed.
refusal-not_admitted = You have not been let in yet.
refusal-unknown = What this was about is no longer there. Nothing was changed.
refusal-stale = Something has just changed. Please look at it first, then do it again.
refusal-invalid = Something filled in is out of bounds. Nothing was changed.
refusal-full = The limit has been reached. Nothing was changed.
refusal-closed = The link no longer works. Nothing was changed.
refusal-bad_signature = The signature did not verify and was not taken. Please tell the mediator.
refusal-too_fast = That was too fast. Please wait a moment.
refusal-device = It was not turned on: the browser does not allow it, or there is no such device.
refusal-unavailable = The server could not store it; nothing was changed. Please try again.

## Chat
chat = Chat
chat-empty = Nobody has written anything. Write here when talking is awkward.
chat-write = Write a line

## Documents
documents = Photos and papers
documents-add = Take a photo or choose a file
documents-hint = Everyone in the room can see it. Pictures are made smaller first.
documents-private = This is a private talk: only those in it will see it.
documents-sending = Sending { $name }
documents-failed = { $name } was not sent.
documents-failed-kept = The file is still here; nothing is lost.
documents-trouble-network = There is no connection. Please send it again later.
documents-trouble-large = The file is too large; 8 MB at most.
documents-trouble-kind = Only JPEG, PNG and WebP pictures or PDF can be sent.
documents-none = Nothing yet.
drop-it = Don’t send

## Terms
terms-none = There are no terms yet.
terms-none-next = When the mediator drafts them, you see every word here.
terms-working = The mediator is writing; not put to you yet
terms-working-empty = Still blank.
terms-version = Version { $version }
terms-changing = Changes are being written above. They will become a new version.
terms-agreed-by = { $name } agreed
terms-you-agreed = You agreed to this version. You may take it back until the signing.
terms-withdraw = Take back
terms-agree = Agree
terms-not-yet = Not yet
terms-agree-note = Agreeing is not signing. Signing begins when both sides agree.
terms-mismatch = These terms don’t match their number; they can’t be agreed to here.
terms-mismatch-todo = Please tell the mediator, and reload the page.
change-added = New
change-changed = Changed
change-was = {"Before: "}
change-removed = Removed
offer-new = Terms are waiting for you
offer-read = Read

## Terms as sentences
who-you = You
who-consumer = The consumer
who-merchant = The shop
who-both = Both sides
whom-you = you
whom-consumer = the consumer
whom-merchant = the shop
whom-both = each other
term-sentence = { $text }{ $when }.
term-by = {" "}by { $day }
term-now = , done at signing
term-amount = {" "}({ $money })
term-repair = { $who } { $many ->
    [yes] repair
   *[no] repairs
  } the goods for { $whom }
term-redo = { $who } { $many ->
    [yes] do
   *[no] does
  } the work again for { $whom }
term-replace = { $who } { $many ->
    [yes] replace
   *[no] replaces
  } the goods for { $whom }
term-return = { $who } { $many ->
    [yes] { $by ->
        [consumer] return the goods to
       *[other] take the goods back from
      }
   *[no] { $by ->
        [consumer] returns the goods to
       *[other] takes the goods back from
      }
  } { $whom }
term-make_up_quantity = { $who } { $many ->
    [yes] make
   *[no] makes
  } up the missing quantity for { $whom }
term-refund = { $who } { $many ->
    [yes] refund
   *[no] refunds
  } { $whom } { $money ->
    [none] the price paid
   *[other] { $money }
  }
term-compensation = { $who } { $many ->
    [yes] pay
   *[no] pays
  } { $whom } { $money ->
    [none] compensation for the loss
   *[other] { $money } in compensation
  }
term-apology = { $who } { $many ->
    [yes] apologise
   *[no] apologises
  } to { $whom }
term-continue_performance = { $who } { $many ->
    [yes] carry
   *[no] carries
  } on with what was agreed with { $whom }
term-return_prepayment = { $who } { $many ->
    [yes] return
   *[no] returns
  } to { $whom } { $money ->
    [none] the prepayment
   *[other] the prepayment of { $money }
  }
term-punitive = { $who } { $many ->
    [yes] pay
   *[no] pays
  } { $whom } { $money ->
    [none] punitive damages
   *[other] { $money } in punitive damages
  }
term-price_reduction = { $who } { $many ->
    [yes] reduce
   *[no] reduces
  } the price for { $whom }{ $money ->
    [none] {""}
   *[other] {" "}by { $money }
  }
term-rescission = { $who } { $many ->
    [yes] end
   *[no] ends
  } the contract with { $whom }
term-free_text = { $who } { $many ->
    [yes] do
   *[no] does
  } the following

## Signing
document-title = Mediation settlement
document-number = Registration { $number }
document-version = version { $version }
document-mine = What you do
document-mine-none = You have no obligation.
document-theirs = What the other side does
document-theirs-none = The other side has no obligation.
document-terms = Terms
document-gives-up = What signing means
document-gives-up-party = By signing you settle this dispute on these terms; once the other side has performed them you can’t claim again for the same matter. If either side doesn’t sign, there is no agreement.
document-gives-up-mediator = As mediator you confirm that both sides agreed freely, and that identities were checked as listed.
document-force = This settlement can’t be enforced by itself. If the other side doesn’t perform it, you may sue, or arbitrate if that was agreed; where the law allows, both sides may jointly apply for judicial confirmation within 30 days of its taking effect.
document-parties = Who signs
document-agency = Mediated by { $agency }.
document-public = Both sides agreed to publish it without names.
document-not-public = It will not be published.
document-technical = Technical details
seals = Signatures
seal-set = Signed { $time }
seal-awaited = Awaited
signing-checking = Checking the document word by word
signing-mismatch = The document to sign is not what you were shown. This device refuses to sign it.
signing-mismatch-kept = Nothing was signed.
signing-mismatch-todo = Please tell the mediator. You may decline and go back to the terms.
signing-decline = Decline
signing-hold = Hold to sign
signing-holding = Keep holding
signing-now = Signing
signing-own = Signed with a key that only this device has. Please decide by { $time }; there is no hurry.
signing-done = You have signed.
signing-waiting = Waiting for the others until { $time }.
signing-take-back = I changed my mind
signing-watching = You are watching; nothing to sign for you.
signing-refused = It was not signed.
signing-no-key = Your signing key is not on this device; nothing was signed.
signing-kept = The document is unchanged, and so are the others’ signatures.
signing-ask = Try again, or tell the mediator.
signing-ended = It was not signed: somebody declined or left, or time was up. Back to the terms; signatures given are void.
signing-broken-declined = { $name } did not sign. The terms are still there: change them and sign again.
signing-broken-because = { $name } did not sign: { $reason }. The terms are still there: change them and sign again.
signing-broken-mismatch = the document is not what was shown
signing-broken-gone = { $name } left or changed devices, so it was not signed. The terms are still there to sign again.
signing-broken-expired = Time was up, so it was not signed. The terms are still there to sign again.
decline-what = Everyone goes back to the terms and can go on talking. Signatures already given become void.
decline-reason = What should change? (optional)
decline-back = Back to the document
decline-sure = Decline

## Receipt
receipt-title = The settlement is signed
receipt-what = Registration { $number }. Both sides and the mediator have signed, and the body has sealed it.
receipt-sealed = Sealed
receipt-logging = Being entered in the public log, a few seconds
receipt-fetching = Fetching your copy
receipt-failed = Your copy could not be fetched.
receipt-failed-kept = The settlement is signed and filed; nothing is lost.
receipt-save = Save my copy
receipt-print = Print
receipt-qr = QR code to check it
receipt-check = Anybody can check this settlement with this code, without relying on us.
receipt-original = The saved file is the original; the print is for reading.
