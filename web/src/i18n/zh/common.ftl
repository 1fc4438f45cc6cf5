# 各页面共用的文字

brand = 和解
close = 关闭
again = 再试一次
send = 发送
you = 您
you-sentence = 您
somebody = 某位参与人
private = 私下
sample = 演示案件
sample-short = 演示
list-comma = 、
large-text = 大字模式
large-text-short = 大字
later-loading = 正在打开
later-failed = 这一页没有取回来。
later-kept = 会场里的内容都还在；刷新后会自动回来。
hold-again = 再按一次即签名

## 角色
role-consumer = 消费者
role-merchant = 商家
role-mediator = 调解员
role-helper = 协助人
role-interpreter = 翻译
role-observer = 旁听人
role-of-side = { $side }的{ $role }

## 身份核对
identity-document_seen = 已看过证件
identity-known_in_person = 调解员认识本人
identity-station_staff = 站点工作人员已确认
identity-details_matched = 电话和案情已核对
identity-account = 以工作账号登录
identity-not_checked = 身份尚未核对

## 阶段
phase-verifying = 等候到齐
phase-joint = 面对面调解
phase-caucus = 背对背调解
phase-returning = 即将回到共同会场
phase-drafting = 商定条款
phase-signing = 正在签署
phase-agreed = 已达成协议
phase-terminated = 调解已终止
phase-adjourned = 调解已休会

## 终止理由（第121号令第二十三条）
ground-withdrawn = 撤回投诉，或双方自行和解
ground-not_taking_part = 一方无正当理由不参加或者拒绝调解
ground-no_agreement = 一方明确表示无法达成协议
ground-appraisal_fees = 对检定、检验、检测、鉴定费用无法协商一致
ground-time_limit = 自受理之日起已满六十日
ground-refusal_ground = 发现应当不予受理的情形或者敲诈勒索
ground-death_or_end = 自然人死亡或者单位终止
ground-other = 法律、法规规定的其他情形

## 在场与画面
presence-aside = 正在私下谈话
presence-reconnecting = 重新连接中…
presence-left = 已离开
camera-is-off = 未开摄像头
own-picture = 我的画面，可以拖动
screen-of = { $name }共享的屏幕
speaks = 正在说话
hand-up = 已举手
hand-raise = 举手
hand-lower = 放下手
flip = 换摄像头
people = 参加的人
room-alone = 其他人还没有到
room-alone-next = 他们一进来，您就会看到和听到。
tap-for-sound = 点一下，打开声音
said-came = { $name }已进入。
said-left = { $name }已离开。
said-lost = { $name }正在重新连接。
said-back = { $name }回来了。
said-hand = { $name }举手了。
said-version = 有一份新的条款。
said-door = 有人在门口等候。

## 操作栏
controls = 通话操作
mic-on = 麦克风
mic-off = 已静音
camera-on = 摄像头
camera-off = 已关闭
leave = 离开
leave-sure = 确定要离开吗？
leave-what = 离开后不能用这个链接自行回来。
leave-stay = 留下

## 状态条
link-broken = 连接断开了，正在自动恢复。您填写的内容都还在。
link-connecting = 正在连接
line-poor = 网络较弱，已优先保证声音。画面会自动恢复清晰。
line-off = 网络较弱，已优先保证声音，画面暂时停了；网络好转会自动恢复。
line-of = { $name }的网络不好，查看原因
line-why-none = 对方网络不好。
line-why-loss = 对方的网络丢包较多，声音可能断续。
line-why-delay = 对方的网络延迟大，回话会慢一些。
line-why-narrow = 对方的网速低，画面会小一些。
line-why-silent = 暂时收不到对方的声音和画面。
line-sound-only = 对方现在只收得到声音。
echo-mine = 您的手机把店里音箱的声音又传了回去：请戴耳机、走远一些或静音。
echo-of = { $name }的麦克风把音箱里的声音又传了回来。可以请对方戴耳机、走远一些，或先静音。
echo-mute = 静音
pick-audio = 使用的麦克风
pick-video = 使用的摄像头
switched-audio = 麦克风已改用：{ $label }
switched-video = 摄像头已改用：{ $label }
media-broken = 声音和画面断开了，正在自动恢复。
device-interrupted = 麦克风或摄像头被打断了（例如有来电），正在自动恢复。
device-again = 继续
muted-by-mediator = 调解员请您先听，您的麦克风暂时关闭。
caucus-inside = 私下谈话：{ $names }。
caucus-deaf-consumer = 消费者看不到也听不到这里。
caucus-deaf-merchant = 商家看不到也听不到这里。
caucus-deaf-others = 其他人看不到也听不到这里。
caucus-outside = 调解员正在和另一方单独谈话。他们看不到也听不到您。
caucus-returning = { $seconds } 秒后大家回到一起，麦克风将接通。

## 命令被拒绝
refusal-malformed = 这个操作没有被识别。什么都没有改变。
refusal-not_your_right = 您的角色不能做这个操作。什么都没有改变。
refusal-not_now = 现在这个阶段不能做这个操作。什么都没有改变。
refusal-not_admitted = 您还没有被请进会场。
refusal-unknown = 要操作的对象已经不在了。什么都没有改变。
refusal-stale = 内容刚刚有更新，请看过新的内容再操作。
refusal-invalid = 填写的内容不合要求。什么都没有改变。
refusal-full = 人数或条目已到上限。什么都没有改变。
refusal-closed = 链接已失效。什么都没有改变。
refusal-bad_signature = 签名没有通过核对，没有签成。请告诉调解员。
refusal-too_fast = 操作太快了，请稍等再试。
refusal-device = 没有打开：浏览器没有允许，或者设备不可用。
refusal-unavailable = 服务器暂时存不下来，什么都没有改变。请再试一次。

## 聊天
chat = 聊天
chat-empty = 还没有人写字。不方便说话时可以写在这里。
chat-write = 写一句话

## 材料
documents = 照片和材料
documents-add = 拍照或选择文件
documents-hint = 会场里的人都能看到。图片会先缩小再发送。
documents-private = 现在是私下谈话，只有在场的人能看到。
documents-sending = 正在发送 { $name }
documents-failed = { $name } 没有发出去。
documents-failed-kept = 文件还在，没有丢。
documents-trouble-network = 网络不通，请稍后再发。
documents-trouble-large = 文件太大，最多 8 MB。
documents-trouble-kind = 只能发送 JPEG、PNG、WebP 图片或 PDF。
documents-none = 还没有材料。
drop-it = 不发了

## 条款
terms-none = 还没有条款。
terms-none-next = 调解员起草时，您会在这里看到每一个字。
terms-working = 调解员正在书写，还没有提交
terms-working-empty = 还是空白的。
terms-version = 第 { $version } 稿
terms-changing = 上面正在修改。改动提交后会成为新的一稿。
terms-agreed-by = { $name }已同意
terms-you-agreed = 您已同意这一稿。签署之前都可以收回。
terms-withdraw = 收回同意
terms-agree = 同意
terms-not-yet = 暂不同意
terms-agree-note = 同意还不是签名。双方都同意后才进入签署。
terms-mismatch = 显示的条款与编号不符，不能在此表示同意。
terms-mismatch-todo = 请告诉调解员，并刷新页面。
change-added = 新增
change-changed = 有改动
change-was = 原为：
change-removed = 已删去
offer-new = 有一份条款等您看
offer-read = 去看

## 条款的句子
who-you = 您
who-consumer = 消费者
who-merchant = 商家
who-both = 双方
whom-you = 您
whom-consumer = 消费者
whom-merchant = 商家
whom-both = 对方
term-sentence = { $text }{ $when }。
term-by = ，于{ $day }前完成
term-now = ，签署时即完成
term-amount = （金额 { $money }）
term-repair = { $who }为{ $whom }修理商品
term-redo = { $who }为{ $whom }重作
term-replace = { $who }为{ $whom }更换商品
term-return = { $by ->
    [consumer] { $who }把商品退回给{ $whom }
   *[other] { $who }为{ $whom }办理退货
  }
term-make_up_quantity = { $who }为{ $whom }补足商品数量
term-refund = { $money ->
    [none] { $who }向{ $whom }退还货款或服务费
   *[other] { $who }向{ $whom }退款 { $money }
  }
term-compensation = { $money ->
    [none] { $who }赔偿{ $whom }的损失
   *[other] { $who }向{ $whom }赔偿损失 { $money }
  }
term-apology = { $who }向{ $whom }赔礼道歉
term-continue_performance = { $who }继续履行与{ $whom }的约定
term-return_prepayment = { $money ->
    [none] { $who }向{ $whom }退还预付款
   *[other] { $who }向{ $whom }退还预付款 { $money }
  }
term-punitive = { $money ->
    [none] { $who }向{ $whom }支付惩罚性赔偿
   *[other] { $who }向{ $whom }支付惩罚性赔偿 { $money }
  }
term-price_reduction = { $money ->
    [none] { $who }为{ $whom }降低价款
   *[other] { $who }为{ $whom }减价 { $money }
  }
term-rescission = { $who }与{ $whom }解除合同
term-free_text = { $who }按以下约定办理

## 签署
document-title = 调解协议
document-number = 登记编号 { $number }
document-version = 第 { $version } 稿
document-mine = 您要做的
document-mine-none = 您没有要履行的义务。
document-theirs = 对方要做的
document-theirs-none = 对方没有要履行的义务。
document-terms = 协议条款
document-gives-up = 签名意味着什么
document-gives-up-party = 签名后，这件争议就按上面的条款了结；对方履行后，您不能再就同一件事提出要求。任何一方不签，协议就不成立。
document-gives-up-mediator = 您以调解员身份确认：双方是自愿达成，身份核对如下所列。
document-force = 本协议本身不能直接申请强制执行。对方不履行时，可以起诉或按约定仲裁；符合条件的，双方可在协议生效后三十日内共同申请司法确认。
document-parties = 签署人
document-agency = 主持调解：{ $agency }。
document-public = 双方同意公开隐去姓名的协议。
document-not-public = 协议不公开。
document-technical = 技术信息
seals = 签署情况
seal-set = 已签 { $time }
seal-awaited = 等待签名
signing-checking = 正在逐字核对要签的文件
signing-mismatch = 要签的文件和您看到的条款不一致，这台设备拒绝签名。
signing-mismatch-kept = 什么都没有签。
signing-mismatch-todo = 请告诉调解员。可以拒签，回到条款。
signing-decline = 不签
signing-hold = 按住签名
signing-holding = 请按住不放
signing-now = 正在签名
signing-own = 用只存在这台设备上的密钥签名。请在 { $time } 前决定，不用着急。
signing-done = 您已签名。
signing-waiting = 正在等其他人签名，截止 { $time }。
signing-take-back = 反悔，不签了
signing-watching = 您在旁边看着，不需要签名。
signing-refused = 没有签成。
signing-no-key = 这台设备上没有您的签名密钥，没有签成。
signing-kept = 文件没有改变，别人的签名也还在。
signing-ask = 可以再试一次，或者告诉调解员。
signing-ended = 这次没有签成：有人不签、离开或时间已到。已回到条款，签过的名都作废。
signing-broken-declined = { $name }没有签字。条款还在，可以修改后再签。
signing-broken-because = { $name }没有签字：{ $reason }。条款还在，可以修改后再签。
signing-broken-mismatch = 文件和看到的条款不一致
signing-broken-gone = { $name }离开了或换了设备，这次没有签成。条款还在，可以再签。
signing-broken-expired = 时间到了，这次没有签成。条款还在，可以再签。
decline-what = 拒签后大家回到条款，可以继续商量。已经签的名都作废。
decline-reason = 想改什么？（可不填）
decline-back = 返回文件
decline-sure = 确定不签

## 回执
receipt-title = 协议已签署
receipt-what = 登记编号 { $number }。双方和调解员都已签名，机构已加盖电子印章。
receipt-sealed = 已加盖印章
receipt-logging = 正在写入公开日志，大约几秒钟
receipt-fetching = 正在取回您的一份
receipt-failed = 您的一份没有取回来。
receipt-failed-kept = 协议已经签好并存档，没有丢。
receipt-save = 保存我的一份
receipt-print = 打印
receipt-qr = 核验二维码
receipt-check = 任何人都可以扫码核验这份协议，不依赖我们。
receipt-original = 保存的文件才是原件，打印件供阅读。
