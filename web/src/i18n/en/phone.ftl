# Phone and station pages

opening = Opening
opening-what = Checking your invitation
step = Step { $at } of { $of }

## Invitation
invited-title = { $name }, you are invited to a mediation by video
invited-by = Mediator
invited-about = What it is about
invited-as = You take part as
invited-until = The link is good until
invited-what = Next: read the rules, try your sound and picture, then go in. About two minutes.
invited-not-you = Not { $name }? Please close this page and tell whoever sent you the link.
invited-go = Next

## Rules
rules-title = The ground rules first
rules-version = Rules { $version }, fingerprint { $hash }
rules-accept = I have read and accept these rules
rules-publication = I agree that the outcome may be published without names
rules-publication-more = Your choice; nothing depends on it. It is published only if both sides agree.
rules-go = Next
rules-tick = Tick “accept” to go on

## Sound and picture
devices-title = Try your sound and picture
devices-asking = Opening camera and microphone
devices-allow = The browser will ask. Please tap “Allow”.
devices-say = Please say something
devices-heard = We can hear you
devices-meter = Microphone level
devices-no-audio = The microphone is not on
devices-no-audio-kept = You can still watch, listen and write.
devices-no-video = The camera is not on
devices-no-video-kept = You can still take part by voice.
devices-why-refused = Permission was refused. Allow it in the browser’s settings, then try again.
devices-why-absent = No device was found. Plug one in and try again.
devices-why-busy = Another program is using it. Close that and try again.
devices-why-interrupted = It was interrupted. Please try again.
devices-recording = Nothing is recorded. Once you go in, this link belongs to this device.
devices-go = Go in
devices-go-sound = Go in with sound only
devices-go-picture = Go in with picture only
devices-go-none = Go in to watch and listen

## Waiting
waiting-title = { $mediator } will let you in
waiting-known = { $mediator } is shown that you are waiting. Usually a few minutes.
waiting-next-1 = The mediator lets you in and checks who you are. Have your ID at hand.
waiting-next-2 = When everyone is here, you talk together.
waiting-next-3 = If you agree, you read the terms and sign on this device.
waiting-test = Try your sound meanwhile
waiting-chime = Play a sound
waiting-chime-again = Play it again
waiting-leave = Stop waiting and leave

## Not getting in
unfit-title = This browser can’t do video mediation
unfit-app-title = Please open this in your system browser
unfit-kept = The link is not used up. You can safely open it in another browser.
unfit-app-1 = Tap “···” at the top right of { $app }.
unfit-app-2 = Choose “Open in browser”.
unfit-app-3 = If it is not there, copy the link below and paste it into your phone’s own browser.
unfit-1 = Copy the link below.
unfit-2 = Paste it into your phone’s own browser (or a new Chrome, Safari or Edge).
unfit-copy = Copy the link
unfit-copied = Copied
unfit-lacks = Missing: { $lacks }
lacks-secure = a secure connection (HTTPS)
lacks-webrtc = video calls
lacks-media = camera and microphone
lacks-crypto = signing
lacks-storage = storage on this device
app-wechat = WeChat
app-qq = QQ
app-alipay = Alipay
app-dingtalk = DingTalk
app-weibo = Weibo
trouble-title = It can’t be opened now
trouble-kept = Your link is not used up.
trouble-todo = Please wait a moment and try again. If it goes on, call the mediator.
trouble-ask = Please ask the mediator who sent it to send you another.
trouble-back = Back
trouble-used-me = It is me: ask the mediator to let me in
trouble-used-what = If you changed your phone or browser, you can ask the mediator to let this device in; the other one will then leave.
trouble-invitation_used-title = This link has been used
trouble-invitation_used = It was opened on another device, which went in.
trouble-invitation_expired-title = This link has expired
trouble-invitation_expired = For safety, an invitation works for a limited time.
trouble-invitation_revoked-title = This link was withdrawn
trouble-invitation_revoked = The mediator took it back.
trouble-invitation_locked-title = The room is closed to newcomers
trouble-invitation_locked = The mediator lets nobody else in for now.
trouble-invitation_unknown-title = This invitation was not found
trouble-invitation_unknown = The link may not have been copied completely.
trouble-invitation_over-title = This mediation is over
trouble-invitation_over = The session that this link belongs to is closed.
trouble-device_refused-title = The mediator did not let you in
trouble-device_refused = If you think this is a mistake, please call the mediator.
trouble-device_removed-title = You are no longer in the session
trouble-device_removed = You were asked to leave. If in doubt, please call the mediator.
trouble-device_replaced-title = Moved to another device
trouble-device_replaced = The mediator let your other device in; this one has left.
trouble-no_link-title = Please open the invitation link
trouble-no_link = This page opens by the complete link from your message.
trouble-device_gone-title = This device is no longer in the session
trouble-device_gone = It has left, or another device took its place.
problem-network = There is no connection.
problem-browser = The browser could not do this step.
problem-rules = The rules have just been updated. Please read them again.
problem-busy = Many people are here right now.
problem-server = The server could not do this step ({ $code }).
problem-kept = What you filled in and chose is kept, and the link is not used up.
problem-again = Please tap once more.

## Room
sheet-terms = Terms
sheet-chat = Chat
sheet-more = More
tab-terms = Terms
tab-chat = Chat
tab-documents = Papers
tab-people = People
caucus-meanwhile = Meanwhile you could get receipts and photos ready.
quiet-heard = You are heard
quiet-muted = You are muted
quiet-over = The call has ended
receipt-leave = Leave

## The end
over-adjourned-title = That is all for today
over-adjourned = The mediator adjourned. Everything so far is kept.
over-adjourned-next = You will get a new link for the next time.
over-terminated-title = The mediation has ended
over-terminated = No agreement was reached this time.
over-terminated-next = You may still sue, or arbitrate if that was agreed. The notice will reach you separately.
over-superseded-title = Opened in another window
over-superseded = On one device the session can be open in one window only.
over-here = Use this window
over-refused-title = The mediator did not let you in
over-refused = If you think this is a mistake, please call the mediator.
over-removed-title = You are no longer in the session
over-removed = You were asked to leave, or another device took your place. If in doubt, call the mediator.
over-gone-title = The session is closed
over-gone = It has ended, or can’t be reached.
over-ground = Ground
over-next = Next time
left-title = You have left
left-phone = Thank you. You can close this page now.
left-station = The signing key, everything typed and the sign-in are gone from this screen.

## Station
idle-title = Take part in a mediation by video
idle-what = Once you have an invitation, begin with the button below.
idle-start = I have an invitation
idle-link = Invitation link
idle-link-hint = Scan or type the link you were sent
idle-link-wrong = That is not a complete invitation link. Please check it.
idle-go = Open
idle-private = When you leave, nothing stays on this screen.
station-finish = Finish and clear this screen
station-next = Back to the start
