# 各页面共用的文字
brand = 和解
large-text = 大字
large-text-short = 大字
close = 关闭
hold-again = 再按一次即签名
