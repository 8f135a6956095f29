# SPDX-License-Identifier: GPL-2.0-only
# $(call check_path,NAME,PATH): fail if make or a shell would interpret a character of the path.

special_characters := ! " \# $$ % & ' ( ) * , : ; < = > ? [ \ ] ^ ` { | }
comma := ,
no_text :=
blank := $(no_text) $(no_text)
check_path = $(if $(filter-out 1,$(words $(2)))$(findstring $(blank),$(2))$(strip $(foreach \
	character,$(special_characters),$(findstring $(character),$(2)))),$(error \
	$(1) must consist of letters$(comma) digits and / . _ + - @ ~$(comma) got '$(2)'))
